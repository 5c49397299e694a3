//! What every backend must do, one behaviour a function. A new backend starts by passing [`all`].
//!
//! The suite panics where a behaviour is missing. It never asks for more memory of recent puts than the last commit, so
//! that a backend may forget them when it is opened again.

pub mod changes;
pub mod commits;
pub mod follow;
pub mod reads;
mod steps;
pub mod threads;

use std::sync::Arc;

use super::Backend;

/// Makes an empty instance.
pub type Fresh<'a> = &'a dyn Fn() -> Arc<dyn Backend>;

/// Runs the whole suite, each behaviour on a fresh instance.
pub fn all(fresh: Fresh<'_>) {
    let behaviours: [fn(&dyn Backend); 23] = [
        reads::a_fresh_store_is_empty,
        reads::a_put_is_read_back_with_its_revisions,
        commits::a_deleted_and_recreated_key_has_a_new_creation_revision,
        commits::every_commit_has_the_next_revision_and_a_refused_one_has_none,
        commits::a_precondition_that_does_not_hold_refuses_the_whole_batch,
        commits::a_put_at_a_revision_has_one_winner,
        commits::nothing_put_under_sees_puts_of_its_prefix_only,
        commits::nothing_put_under_ignores_deletes,
        commits::a_broken_batch_changes_nothing,
        commits::a_batch_without_operations_takes_no_revision,
        commits::the_largest_batch_and_the_longest_key_fit,
        commits::a_batch_of_thousands_of_keys_is_atomic,
        commits::a_batch_that_frees_space_is_judged_and_ordered_like_any_other,
        reads::values_of_every_size_come_back_whole,
        reads::keys_of_others_are_not_there,
        reads::scan_pages_are_in_key_order_and_resume_after_a_key,
        reads::a_scan_of_large_values_ends,
        changes::changes_list_every_operation_once_in_order,
        changes::changes_never_split_a_commit,
        changes::compacted_changes_are_expired,
        changes::compaction_leaves_values_alone,
        reads::random_batches_match_a_map,
        follow::an_observer_is_told_of_every_change,
    ];
    behaviours.into_iter().for_each(|behaviour| behaviour(&*fresh()));
    threads::one_winner_of_many_creates(&fresh());
    commits::a_conflict_is_judged_against_pending_state(&fresh());
    threads::readers_see_whole_commits_only(&fresh());
    follow::an_observer_is_told_before_readers_see(&fresh());
}
