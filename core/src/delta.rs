//! Differences between byte strings: how to make one from another by copying and inserting.
//!
//! A difference is the length of what it makes, then steps until that many bytes are made. A step is a number, of which the
//! lowest bit says whether bytes are inserted (they follow) or copied (their offset follows), and the rest how many.
//! Numbers are LEB128.

use std::ops::Range;

/// How many bytes must be equal to be found; shorter runs are inserted.
const BLOCK: usize = 16;

/// After so many places without a match, places are left out.
const CLOSELY: usize = 256;

/// A table slot without an offset.
const EMPTY: u32 = u32::MAX;

/// A run of bytes that two byte strings share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Match {
    /// Where the run begins in the base.
    pub(crate) base: usize,
    /// Where it begins in the target.
    pub(crate) target: usize,
    /// How many bytes it has.
    pub(crate) length: usize,
}

/// Returns the runs of bytes of `target` that are in `base` too, in the order of the target and without overlap. They are
/// found by their ends and by blocks of 16 bytes, so that not every shorter run is among them. Both are shorter than
/// 4 GiB; of longer ones only the common ends are found.
pub(crate) fn matches(base: &[u8], target: &[u8]) -> Vec<Match> {
    let start = common_start(base, target);
    let end = common_end(&base[start..], &target[start..]);
    let (inner_base, inner_target) = (start..base.len() - end, start..target.len() - end);
    let mut found = Vec::new();
    if start > 0 {
        found.push(Match { base: 0, target: 0, length: start });
    }
    if inner_base.len() >= BLOCK && inner_target.len() >= BLOCK && base.len() < EMPTY as usize {
        search(base, target, (inner_base, inner_target), &mut found);
    }
    if end > 0 {
        found.push(Match { base: base.len() - end, target: target.len() - end, length: end });
    }
    found
}

/// Adds the runs within two ranges that have at least a block in common.
fn search(base: &[u8], target: &[u8], ranges: (Range<usize>, Range<usize>), found: &mut Vec<Match>) {
    let (base_range, target_range) = ranges;
    let mut table = None;
    // Up to here the target is covered.
    let mut covered = target_range.start;
    let mut place = target_range.start;
    // An edit in place leaves what is behind it at the same distance.
    let mut expected = base_range.start;
    let mut misses = 0;
    while place + BLOCK <= target_range.end {
        let block = &target[place..place + BLOCK];
        let same =
            (expected + BLOCK <= base_range.end && base[expected..expected + BLOCK] == *block).then_some(expected);
        let at = same.or_else(|| {
            let table = table.get_or_insert_with(|| Table::new(base, base_range.clone()));
            table.find(base, block)
        });
        let Some(at) = at else {
            // Where nothing was found for long, the rest is looked at less closely: a longer run is found all the same.
            misses += 1;
            let step = 1 + misses / CLOSELY;
            (place, expected) = (place + step, expected + step);
            continue;
        };
        misses = 0;
        // The run may begin before the block that was found.
        let back = common_end(&base[base_range.start..at], &target[covered..place]);
        let (begin, begin_base) = (place - back, at - back);
        let length = common_start(&base[begin_base..base_range.end], &target[begin..target_range.end]);
        found.push(Match { base: begin_base, target: begin, length });
        covered = begin + length;
        (place, expected) = (covered, begin_base + length);
    }
}

/// The blocks of a range of bytes, by their hashes.
struct Table {
    slots: Vec<u32>,
    /// By how much a hash is shifted to be the number of a slot.
    shift: u32,
}

impl Table {
    fn new(base: &[u8], range: Range<usize>) -> Self {
        let slots = (2 * range.len() / BLOCK).next_power_of_two().max(2);
        let mut table = Self { slots: vec![EMPTY; slots], shift: 64 - slots.trailing_zeros() };
        let mut place = range.start;
        while place + BLOCK <= range.end {
            let slot = table.slot(&base[place..place + BLOCK]);
            // The first of blocks with one hash stays: of repeated ones it has the most behind it.
            if table.slots[slot] == EMPTY {
                table.slots[slot] = place as u32;
            }
            place += BLOCK;
        }
        table
    }

    fn slot(&self, block: &[u8]) -> usize {
        let half = |bytes: &[u8]| bytes.try_into().map_or(0, u64::from_le_bytes);
        let (low, high) = (half(&block[..BLOCK / 2]), half(&block[BLOCK / 2..]));
        // Multiplicative hashing: the highest bits of the product depend on all bits.
        let hash = (low ^ high.rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        ((hash ^ (hash >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93) >> self.shift) as usize
    }

    fn find(&self, base: &[u8], block: &[u8]) -> Option<usize> {
        let place = self.slots[self.slot(block)];
        (place != EMPTY).then_some(place as usize).filter(|place| base[*place..*place + BLOCK] == *block)
    }
}

/// Returns the difference that makes `target` from `base`.
pub(crate) fn encode(base: &[u8], target: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(64);
    put_number(&mut out, target.len() as u64);
    let mut made = 0;
    for Match { base, target: begin, length } in matches(base, target) {
        put_insert(&mut out, &target[made..begin]);
        put_number(&mut out, (length as u64) << 1);
        put_number(&mut out, base as u64);
        made = begin + length;
    }
    put_insert(&mut out, &target[made..]);
    out
}

/// Makes the bytes that a difference describes; `None` when it does not fit the base, or would make more than `limit` bytes.
pub(crate) fn apply(base: &[u8], mut difference: &[u8], limit: usize) -> Option<Vec<u8>> {
    let steps = &mut difference;
    let length = usize::try_from(take_number(steps)?).ok().filter(|length| *length <= limit)?;
    let mut out = Vec::with_capacity(length);
    while out.len() < length {
        let step = take_number(steps)?;
        let count = usize::try_from(step >> 1).ok().filter(|count| (1..=length - out.len()).contains(count))?;
        let bytes = if step & 1 == 1 {
            steps.split_off(..count)?
        } else {
            let begin = usize::try_from(take_number(steps)?).ok()?;
            base.get(begin..begin.checked_add(count)?)?
        };
        out.extend_from_slice(bytes);
    }
    steps.is_empty().then_some(out)
}

fn put_insert(out: &mut Vec<u8>, bytes: &[u8]) {
    if !bytes.is_empty() {
        put_number(out, (bytes.len() as u64) << 1 | 1);
        out.extend_from_slice(bytes);
    }
}

fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn take_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = *bytes.split_off_first()?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

fn common_start(one: &[u8], other: &[u8]) -> usize {
    // Whole blocks first: comparing slices is much faster than comparing bytes one by one.
    const WIDE: usize = 256;
    let blocks = one.chunks_exact(WIDE).zip(other.chunks_exact(WIDE)).take_while(|(one, other)| one == other).count();
    let begin = blocks * WIDE;
    begin + one[begin..].iter().zip(&other[begin..]).take_while(|(one, other)| one == other).count()
}

fn common_end(one: &[u8], other: &[u8]) -> usize {
    const WIDE: usize = 256;
    let blocks = one.rchunks_exact(WIDE).zip(other.rchunks_exact(WIDE)).take_while(|(one, other)| one == other).count();
    let ends = (one.len() - blocks * WIDE, other.len() - blocks * WIDE);
    let rest = one[..ends.0].iter().rev().zip(other[..ends.1].iter().rev());
    blocks * WIDE + rest.take_while(|(one, other)| one == other).count()
}

/// Applies fuzzed bytes as a difference, and makes one between two fuzzed texts.
#[cfg(feature = "__fuzzing")]
pub fn fuzz_delta(base: &[u8], other: &[u8]) {
    if let Some(made) = apply(base, other, 1 << 20) {
        assert!(made.len() <= 1 << 20);
    }
    assert_eq!(apply(base, &encode(base, other), other.len()).as_deref(), Some(other));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Texts of few different words, so that pairs of them have much in common.
    fn text() -> impl Strategy<Value = Vec<u8>> {
        let word =
            prop::sample::select(vec![&b"parallelism: "[..], b"4", b"flinkConfiguration: {a: b}\n", b"x", b"\0\0"]);
        prop::collection::vec(word, 0..60).prop_map(|words| words.concat())
    }

    fn check(base: &[u8], target: &[u8]) {
        assert_eq!(apply(base, &encode(base, target), target.len()).as_deref(), Some(target));
        let (mut covered, found) = (0, matches(base, target));
        for Match { base: from, target: at, length } in found {
            assert!(at >= covered && length > 0);
            assert_eq!(base[from..from + length], target[at..at + length]);
            covered = at + length;
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_made_again(base in text(), target in text()) {
            check(&base, &target);
        }

        #[test]
        fn bytes_of_any_kind_are_made_again(
            base in prop::collection::vec(0..3_u8, 0..300),
            target in prop::collection::vec(0..3_u8, 0..300),
        ) {
            check(&base, &target);
        }

        #[test]
        fn strange_bytes_make_nothing_or_something_within_the_limit(
            base in prop::collection::vec(any::<u8>(), 0..40),
            difference in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            prop_assert!(apply(&base, &difference, 100).is_none_or(|made| made.len() <= 100));
        }
    }

    #[test]
    fn a_small_change_is_a_small_difference() {
        let base: Vec<u8> = (0..200_000_u32).flat_map(|number| number.to_string().into_bytes()).collect();
        let mut target = base.clone();
        target[1] ^= 1;
        target.splice(500..503, *b"changed");
        target.splice(600_000..600_000, *b"another place");
        let last = target.len() - 2;
        target[last] = b'!';
        let difference = encode(&base, &target);
        assert!(difference.len() < 100, "{} bytes", difference.len());
        check(&base, &target);
    }

    #[test]
    fn a_difference_that_is_cut_or_goes_on_makes_nothing() {
        let (base, target) = (b"metadata: {name: clicks}, spec: {}", b"metadata: {name: click}, spec: {a: 1}");
        let difference = encode(base, target);
        for length in 0..difference.len() {
            assert_eq!(apply(base, &difference[..length], 1000), None);
        }
        assert_eq!(apply(base, &[&difference[..], b"\x02"].concat(), 1000), None);
        assert_eq!(apply(base, &difference, target.len() - 1), None, "more than the limit");
        assert_eq!(apply(&base[..20], &difference, 1000), None, "another base");
    }
}
