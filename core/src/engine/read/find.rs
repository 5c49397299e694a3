//! Finding one resource: by id, by name, or as the only one of its kind.

use bytes::Bytes;

use super::reader::Reader;
use crate::backend::Versioned;
use crate::engine::stored::{CollectionRef, Record, Stored, document, key};
use crate::error::{Error, Result};
use crate::json::Json;
use crate::kind::{KeyScheme, Kind, check_length};
use crate::object::{JsonText, ResourceId};
use crate::rules::diagnostics::Diagnostics;
use crate::rules::structure::{self, ValidationMode};

/// Whose state is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    /// A reader's: durable commits only, so that nothing shown can be lost in a crash.
    Durable,
    /// A writer's: with the commits whose durability is still pending, since its own commit is judged against them.
    Pending,
}

impl Reader {
    /// Finds the resource that a key means: tried as an id when it has the form of one, then as a name.
    pub(crate) fn find(&self, collection: CollectionRef<'_>, key: &str, view: View) -> Result<Option<Stored>> {
        check_length("the key", key)?;
        if collection.namespace.is_some_and(|namespace| !key::is_segment(namespace)) {
            return Ok(None);
        }
        if collection.kind.key == KeyScheme::Singleton {
            return self.find_singleton(collection, view);
        }
        // The id comes first, since a name may have the form of an id.
        if let Ok(id) = key.parse::<ResourceId>()
            && let Some(stored) = self.find_id(collection, id, view)?
        {
            return Ok(Some(stored));
        }
        if collection.kind.has_name() { self.find_name(collection, key, view) } else { Ok(None) }
    }

    /// Finds the id of a name.
    pub(crate) fn id_of(&self, collection: CollectionRef<'_>, name: &str, view: View) -> Result<Option<ResourceId>> {
        if !key::is_segment(name) {
            return Ok(None);
        }
        let Some(entry) = self.load(&collection.name(name), view)? else { return Ok(None) };
        let id = <[u8; 16]>::try_from(entry.value.as_ref());
        id.map(|id| Some(ResourceId::from_bytes(id)))
            .map_err(|_| Error::backend(NameDamaged { kind: collection.kind.name.to_string() }))
    }

    /// Finds the resource of a name.
    pub(crate) fn find_name(&self, collection: CollectionRef<'_>, name: &str, view: View) -> Result<Option<Stored>> {
        // Name and record are two reads: between them the resource may be deleted and its name given to another one.
        for _ in 0..3 {
            let Some(id) = self.id_of(collection, name, view)? else { return Ok(None) };
            if let Some(stored) = self.find_id(collection, id, view)? {
                return Ok(Some(stored));
            }
        }
        Ok(None)
    }

    /// Finds the resource of an id.
    pub(crate) fn find_id(&self, collection: CollectionRef<'_>, id: ResourceId, view: View) -> Result<Option<Stored>> {
        let key = collection.record(id);
        self.load(&key, view)?.map(|entry| Stored::read(collection, key, entry)).transpose()
    }

    /// Loads the entry of a key.
    pub(crate) fn load(&self, key: &[u8], view: View) -> Result<Option<Versioned>> {
        match view {
            View::Durable => self.backend.get(key),
            View::Pending => self.backend.get_for_write(key),
        }
    }

    /// Finds the only resource of its kind in a namespace, from which it takes its id and its beginning.
    fn find_singleton(&self, collection: CollectionRef<'_>, view: View) -> Result<Option<Stored>> {
        let Some(name) = collection.namespace else { return self.find_shown_defaults(collection.kind, view) };
        let Some(owner) = self.find_name(self.namespaces(), name, view)? else { return Ok(None) };
        // Under the id of its namespace there can be only one, and it needs no name.
        let owner = owner.record.object.metadata;
        if let Some(stored) = self.find_id(collection, owner.id, view)? {
            return Ok(Some(stored));
        }
        let record = Record::bare(document::unwritten(collection, &owner));
        Ok(Some(Stored { key: collection.record(owner.id), ..never_written(record) }))
    }

    /// Returns the singleton that shows global defaults: the configured ones over those of the schema that they are for.
    /// It is as old as the store.
    fn find_shown_defaults(&self, kind: &Kind, view: View) -> Result<Option<Stored>> {
        let Some(target) = kind.defaults_of.as_ref().and_then(|name| self.registry.find(name)) else { return Ok(None) };
        let Some(first) = self.registry.namespace().from_the_start.first() else { return Ok(None) };
        let Some(owner) = self.find_name(self.namespaces(), first, view)? else { return Ok(None) };
        let mut object = document::unwritten(CollectionRef::new(kind, None), &owner.record.object.metadata);
        let configured = self.defaults.global(&kind.name);
        let mut shown = configured.map_or_else(Json::object, |layer| Json::clone(&layer));
        if let Json::Object(members) = &mut shown {
            members.get_or_insert_with("spec", Json::object);
        }
        // Members that a resource requires are not required of its defaults, so problems are dropped.
        let mode = ValidationMode { fills: true, unknown: None, ..ValidationMode::default() };
        structure::validate(&target.schema, &mut shown, mode, &mut Diagnostics::default());
        object.spec = shown.get("spec").map(JsonText::from_value);
        Ok(Some(never_written(Record::bare(object))))
    }
}

/// Returns the entry of a resource that exists without being stored.
fn never_written(record: Record) -> Stored {
    Stored { key: Bytes::new(), record, bytes: Bytes::new(), created: 0, modified: 0 }
}

#[derive(Debug, thiserror::Error)]
#[error("the name of a {kind} does not lead to an id")]
struct NameDamaged {
    kind: String,
}
