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
    /// Adds a resource.
    pub(super) fn add(&mut self, id: ResourceId) {
        match self {
            Posting::None => *self = Posting::One(id),
            // Only the last id is compared: that is enough for a resource which is updated again and again, and other
            // repetitions last until the next rebuild.
            _ if self.is_last(id) => {}
            Posting::One(first) => *self = Posting::Some(vec![*first, id]),
            Posting::Some(ids) if ids.len() < MAX => ids.push(id),
            Posting::Some(_) | Posting::TooMany => *self = Posting::TooMany,
        }
    }

    /// Adds the resources of another posting.
    pub(super) fn merge(&mut self, other: &Self) {
        match other.ids() {
            Some(ids) => ids.iter().for_each(|id| self.add(*id)),
            None => *self = Posting::TooMany,
        }
    }

    /// Whether adding the resources of another posting changes nothing.
    pub(super) fn has(&self, other: &Self) -> bool {
        match (self, other.ids()) {
            (Posting::TooMany, _) => true,
            (_, Some(ids)) => ids.iter().all(|id| self.is_last(*id)),
            (_, None) => false,
        }
    }

    fn is_last(&self, id: ResourceId) -> bool {
        self.ids().is_some_and(|ids| ids.last() == Some(&id))
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
