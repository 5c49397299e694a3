//! The types that a collection reads its resources as.

use serde::de::DeserializeOwned;

use crate::error::{Error, Result};
use crate::json::Json;
use crate::manifest::Document;
use crate::object::{JsonText, Object};

/// A type that resources can be read as: an [`Object`], or any serde type that fits the whole document
/// (`metadata`, `spec`, `status`; members that it does not have are ignored).
pub trait Resource: Sized {
    /// Returns an object as this type.
    ///
    /// # Errors
    /// `BadRequest` when the object does not fit; the message names the member.
    fn from_object(object: Object) -> Result<Self>;
}

impl Resource for Object {
    fn from_object(object: Object) -> Result<Self> {
        Ok(object)
    }
}

impl<T: DeserializeOwned> Resource for T {
    fn from_object(object: Object) -> Result<Self> {
        object.to()
    }
}

impl Object {
    /// Returns the resource as a serde type that fits the whole document.
    ///
    /// # Errors
    /// `BadRequest` when it does not fit; the message names the member.
    pub fn to<T: DeserializeOwned>(&self) -> Result<T> {
        self.read(&self.to_json())
    }

    /// Returns the spec as a serde type; a resource without one counts as one with an empty object.
    ///
    /// # Errors
    /// As [`Object::to`].
    pub fn spec_as<T: DeserializeOwned>(&self) -> Result<T> {
        let text = self.spec.as_ref().map_or("{}", JsonText::as_str);
        self.read(text)
    }

    fn read<T: DeserializeOwned>(&self, text: &str) -> Result<T> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        // The depth of everything that is stored is bounded, just beyond what is read by default.
        deserializer.disable_recursion_limit();
        serde_path_to_error::deserialize(&mut deserializer).map_err(|error| self.misfit(&error))
    }

    fn misfit(&self, error: &serde_path_to_error::Error<serde_json::Error>) -> Error {
        let id = self.metadata.id.to_string();
        let key = self.metadata.name.as_deref().unwrap_or(&id);
        // The position is of a text that the caller never sees; the member says more.
        let why = error.inner().to_string();
        let why = why.rsplit_once(" at line ").map_or(&*why, |(why, _)| why);
        Error::bad_request(format!(
            "{} {key:?} does not fit the type that it is read as: {}: {why}",
            self.kind,
            error.path()
        ))
    }
}

impl Document {
    /// Returns a serde value as a document, which has no text and so no places.
    ///
    /// # Errors
    /// `BadRequest` for a value that JSON cannot express, such as a map with keys that are not strings.
    pub fn from_serialize<T: serde::Serialize + ?Sized>(value: &T) -> Result<Self> {
        let value = serde_json::to_value(value);
        let value = value.map_err(|error| Error::bad_request(format!("the value is not a JSON document: {error}")))?;
        Ok(Json::from(value).into())
    }
}
