//! The rules for resources and their changes: pure functions over plain values. They see no clock, randomness,
//! file, socket or lock, so that server, browser and command line give the same result.

pub(crate) mod defaults;
pub(crate) mod diagnostics;
pub(crate) mod difference;
pub(crate) mod effective;
pub(crate) mod envelope;
pub(crate) mod guard;
pub(crate) mod immutable;
pub(crate) mod initial;
pub(crate) mod json_patch;
pub(crate) mod labels;
pub(crate) mod name;
pub(crate) mod patch;
pub(crate) mod reference;
pub(crate) mod secret;
pub(crate) mod selector;
pub(crate) mod shape;
pub(crate) mod structure;
pub(crate) mod suggestion;
pub(crate) mod validate;
pub(crate) mod version;
