//! The schema of whole documents, in the draft that editors support.

use serde_json::{Map, Value, json};

use super::schema::allow_null;
use super::{Kind, SchemaDialect};

impl Kind {
    /// Returns the JSON Schema (draft 7) of documents of this kind. It accepts the same documents as a store, for example a
    /// number where a string is declared.
    pub fn document_schema(&self) -> Value {
        let schema = self.schema.to_json_schema(SchemaDialect::Accepted);
        let Value::Object(mut schema) = schema else { return schema };
        let mut properties = Map::from_iter([
            ("kind".to_owned(), json!({"type": "string", "enum": [*self.name], "description": self.description})),
            ("apiVersion".to_owned(), json!({"type": ["string", "null"], "enum": [*self.api_version, null]})),
        ]);
        if let Some(Value::Object(members)) = schema.remove("properties") {
            properties.extend(members);
        }
        // A store ignores the status of documents from users.
        if let Some(status) = properties.get_mut("status") {
            *status = json!({"readOnly": true, "description": "Written by the system; ignored in documents."});
        }
        let mut required = vec![json!("kind")];
        required.extend(schema.remove("required").and_then(|names| names.as_array().cloned()).unwrap_or_default());
        // A document need not have a status; only stored resources do.
        required.retain(|name| name != "status");
        // Nor metadata, where nothing in it is required.
        if let Some(Value::Object(metadata)) = properties.get_mut("metadata")
            && !metadata.contains_key("required")
        {
            required.retain(|name| name != "metadata");
            allow_null(metadata);
        }
        if let Some(condition) = self.require_secrets_of_new(&mut properties) {
            let all = schema.entry("allOf").or_insert_with(|| json!([]));
            all.as_array_mut().into_iter().for_each(|all| all.push(condition.clone()));
        }
        schema.extend([
            ("$schema".to_owned(), json!("http://json-schema.org/draft-07/schema#")),
            ("$id".to_owned(), json!(format!("urn:kindstore:{}:{}", self.api_version, self.name))),
            ("title".to_owned(), json!(*self.name)),
            ("description".to_owned(), json!(self.description)),
            ("properties".to_owned(), Value::Object(properties)),
            ("required".to_owned(), Value::Array(required)),
        ]);
        Value::Object(schema)
    }

    /// Makes the secret members of `spec` optional, and returns the condition that requires them of new documents: one that was
    /// read from a store lacks them, and keeps those that are there.
    fn require_secrets_of_new(&self, properties: &mut Map<String, Value>) -> Option<Value> {
        let names: Vec<&str> = self.secret.iter().filter_map(|pointer| pointer.strip_prefix("/spec/")).collect();
        let spec = properties.get_mut("spec")?;
        for name in &names {
            if let Some(Value::Object(member)) = spec.get_mut("properties").and_then(|members| members.get_mut(*name)) {
                allow_null(member);
            }
        }
        let required = spec.get_mut("required")?.as_array_mut()?;
        let (secret, others): (Vec<Value>, Vec<Value>) =
            required.drain(..).partition(|name| name.as_str().is_some_and(|name| names.contains(&name)));
        *required = others;
        let is_stored = json!({"anyOf": [{"required": ["id"]}, {"required": ["resourceVersion"]}]});
        (!secret.is_empty()).then(|| {
            json!({
                "if": {"properties": {"metadata": is_stored}},
                "else": {"properties": {"spec": {"required": secret}}},
            })
        })
    }
}
