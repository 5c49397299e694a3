//! The checksum CRC-32 (IEEE 802.3), which detects damage of stored bytes.

#[cfg(not(target_family = "wasm"))]
pub(crate) use crc32fast::{Hasher, hash};

#[cfg(target_family = "wasm")]
pub(crate) use self::small::{Hasher, hash};

/// CRC-32 for wasm with a table of 64 bytes: one of 16 KiB would be part of every download.
#[cfg(any(test, target_family = "wasm"))]
mod small {
    /// The contribution of the last four bits of a checksum to the rest.
    const TABLE: [u32; 16] = table();

    const fn table() -> [u32; 16] {
        let (mut table, mut index) = ([0; 16], 0);
        while index < 16 {
            let (mut value, mut bit) = (index as u32, 0);
            while bit < 4 {
                value = if value & 1 == 1 { (value >> 1) ^ 0xedb8_8320 } else { value >> 1 };
                bit += 1;
            }
            table[index] = value;
            index += 1;
        }
        table
    }

    pub(crate) struct Hasher(u32);

    impl Hasher {
        pub(crate) fn new() -> Self {
            Self(!0)
        }

        pub(crate) fn update(&mut self, bytes: &[u8]) {
            let step = |value: u32| TABLE[(value & 15) as usize] ^ (value >> 4);
            for byte in bytes {
                self.0 = step(step(self.0 ^ u32::from(*byte)));
            }
        }

        pub(crate) fn finalize(self) -> u32 {
            !self.0
        }
    }

    pub(crate) fn hash(bytes: &[u8]) -> u32 {
        let mut hasher = Hasher::new();
        hasher.update(bytes);
        hasher.finalize()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_small_table_gives_the_same_checksum(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert_eq!(super::small::hash(&bytes), super::hash(&bytes));
        }
    }
}
