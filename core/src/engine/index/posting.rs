//! The resources that may have one value.

use crate::object::ResourceId;

/// Beyond this many ids a scan of the collection is as good.
const MAX: usize = 1 << 16;

/// Ids in the order in which they were added, or none once there are too many. Most values belong to one resource.
#[derive(Debug, Default)]
pub(super) enum Posting {
    #[default]
    None,
    One(ResourceId),
    Some(Vec<ResourceId>),
    TooMany,
}

impl Posting {
    /// Adds a resource. Returns whether that made a new entry.
    pub(super) fn add(&mut self, id: ResourceId) -> bool {
        match self {
            Posting::None => *self = Posting::One(id),
            Posting::One(first) if *first == id => return false,
            Posting::One(first) => *self = Posting::Some(vec![*first, id]),
            // Only the last id is compared: that is enough for a resource which is updated again and again, and other
            // repetitions last until the next rebuild.
            Posting::Some(ids) if ids.last() == Some(&id) => return false,
            Posting::Some(ids) if ids.len() < MAX => ids.push(id),
            Posting::Some(_) => *self = Posting::TooMany,
            Posting::TooMany => return false,
        }
        true
    }

    /// Adds the resources of another posting. Returns how many new entries that made.
    pub(super) fn merge(&mut self, other: &Self) -> usize {
        let Some(ids) = other.ids() else {
            *self = Posting::TooMany;
            return 0;
        };
        ids.iter().filter(|id| self.add(**id)).count()
    }

    /// The resources, unless they are too many.
    pub(super) fn ids(&self) -> Option<&[ResourceId]> {
        match self {
            Posting::None => Some(&[]),
            Posting::One(id) => Some(std::slice::from_ref(id)),
            Posting::Some(ids) => Some(ids),
            Posting::TooMany => None,
        }
    }

    /// How many entries there are.
    pub(super) fn len(&self) -> usize {
        self.ids().map_or(0, <[ResourceId]>::len)
    }
}
