//! Verdicts beside those of another validator.
