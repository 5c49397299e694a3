//! What a message holds while it arrives: at most a multiple of what is there of it, so that to announce much takes nothing
//! from others.

use super::{LEAST, SMALL, reserve};
use crate::fault::Fault;

/// What is reserved at first, and next.
const STEPS: [usize; 3] = [LEAST, SMALL, 1 << 20];

/// What is reserved for a message that arrives.
#[derive(Debug)]
pub(crate) struct Growth {
    most: usize,
    reserved: usize,
}

impl Growth {
    /// Begins a message that has at most so many bytes.
    ///
    /// # Errors
    /// `Unavailable` when the budget is used up.
    pub(crate) async fn begin(most: usize) -> Result<Self, Fault> {
        let mut growth = Self { most, reserved: 0 };
        growth.cover(1).await?;
        Ok(growth)
    }

    /// Returns how many bytes are reserved.
    pub(crate) fn reserved(&self) -> usize {
        self.reserved
    }

    /// Reserves for a message of which so many bytes are there.
    ///
    /// # Errors
    /// `Unavailable` when the budget is used up.
    pub(crate) async fn cover(&mut self, length: usize) -> Result<(), Fault> {
        if length <= self.reserved {
            return Ok(());
        }
        let step = STEPS.into_iter().find(|step| *step >= length).unwrap_or(self.most).min(self.most).max(length);
        reserve(step).await?;
        self.reserved = step.max(LEAST);
        Ok(())
    }
}
