//! The defaults that a new resource gets.

use std::sync::Arc;

use super::request::Request;
use super::writer::Writer;
use crate::engine::read::{DefaultLayer, View};
use crate::engine::stored::CollectionRef;
use crate::error::Result;
use crate::json::{Json, Members};
use crate::kind::{Kind, Scope};

impl Writer {
    /// Returns the documents that supply defaults for a request, the strongest first; `None` when it fills none in.
    pub(super) fn default_layers(&self, request: &Request) -> Result<Option<Vec<Arc<Json>>>> {
        if request.change.is_patch() || request.options.without_defaults {
            return Ok(None);
        }
        let mut layers = Vec::with_capacity(request.kind.defaults_from.len());
        for name in request.kind.defaults_from.iter().rev() {
            let supplier = self.reader.registry.require(name)?;
            layers.extend(match (supplier.scope, request.namespace.as_deref()) {
                (Scope::Global, _) => self.reader.defaults.global(name),
                (Scope::Namespaced, Some(namespace)) => self.namespace_layer(supplier, namespace)?,
                (Scope::Namespaced, None) => None,
            });
        }
        Ok(Some(layers))
    }

    fn namespace_layer(&self, supplier: &Kind, namespace: &str) -> Result<DefaultLayer> {
        let read = || {
            // With pending commits, like all that a pass reads: a create after a change of the defaults gets the new
            // ones.
            let stored = self.reader.find(CollectionRef::new(supplier, Some(namespace)), "", View::Pending)?;
            let spec = stored.filter(|stored| stored.modified != 0).and_then(|stored| stored.record.object.spec);
            let spec = spec.map(|spec| spec.to_value());
            let spec = spec.filter(|spec| spec.as_object().is_some_and(|spec| !spec.is_empty()));
            Ok(spec.map(|spec| Arc::new(Json::Object(Members::from([("spec".to_owned(), spec)])))))
        };
        // What others change is not known here before it is shown: nothing is kept.
        if self.backend().lags() { read() } else { self.reader.defaults.of_namespace(&supplier.name, namespace, read) }
    }
}
