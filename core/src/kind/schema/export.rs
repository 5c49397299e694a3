//! Exports a schema as JSON Schema for other programs, with our own keywords translated to standard ones.

mod accepted;

pub(in crate::kind) use self::accepted::allow_null;
use serde_json::{Map, Value, json};

use super::{Additional, Discriminator, JsonType, Schema, StringFormat};
use crate::json::Json;

/// The audience of an exported schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaDialect {
    /// Exactly what is stored, for validators.
    Stored,
    /// Documents as a store accepts them, for editors: also values that are coerced, such as a number for a string.
    Accepted,
    /// Stored values, for client generators: variants are joined into one object.
    OpenApi,
}

impl Schema {
    /// Returns the schema as JSON Schema, in keywords that mean the same from draft 7 to 2020-12.
    pub fn to_json_schema(&self, dialect: SchemaDialect) -> Value {
        Value::Object(self.export(dialect))
    }

    fn export(&self, dialect: SchemaDialect) -> Map<String, Value> {
        let mut out = Map::new();
        self.annotate(&mut out, dialect);
        self.bound(&mut out);
        self.enumerate(&mut out, dialect);
        self.describe_items(&mut out, dialect);
        self.describe_members(&mut out, dialect);
        match dialect {
            // Client generators make one class of each object, and have trouble with conditions.
            SchemaDialect::OpenApi => self.join_variants(&mut out),
            SchemaDialect::Stored | SchemaDialect::Accepted => self.add_conditions(&mut out, dialect),
        }
        if dialect == SchemaDialect::Accepted {
            accepted::widen(self, &mut out);
        }
        out
    }

    fn annotate(&self, out: &mut Map<String, Value>, dialect: SchemaDialect) {
        let texts = [("title", &self.title), ("description", &self.description)];
        out.extend(texts.into_iter().filter_map(|(word, text)| Some((word.to_owned(), json!(text.as_ref()?)))));
        // An empty object says that what is in it is filled in. Others take it for a whole value, which may lack members.
        let is_said = |default: &&Json| dialect == SchemaDialect::Stored || **default != Json::object();
        if let Some(default) = self.default.as_ref().filter(is_said) {
            out.insert("default".to_owned(), default.clone().into());
        }
        if !self.examples.is_empty() {
            out.insert("examples".to_owned(), self.examples.iter().cloned().map(Value::from).collect());
        }
        let flags = [("readOnly", self.read_only), ("deprecated", self.deprecated), ("uniqueItems", self.unique_items)];
        out.extend(flags.into_iter().filter(|(_, flag)| *flag).map(|(word, flag)| (word.to_owned(), json!(flag))));
    }

    fn bound(&self, out: &mut Map<String, Value>) {
        if let Some(json_type) = self.json_type {
            out.insert("type".to_owned(), json!(json_type));
        }
        match self.format {
            Some(format @ (StringFormat::Uuid | StringFormat::DateTime)) => {
                out.insert("format".to_owned(), json!(format));
            }
            // Other validators know the standard formats only.
            Some(format) => drop(out.insert("pattern".to_owned(), json!(format.pattern()))),
            None => {}
        }
        if let Some(pattern) = &self.pattern {
            out.insert("pattern".to_owned(), json!(pattern.as_str()));
        }
        let numbers = [
            ("minimum", &self.minimum),
            ("maximum", &self.maximum),
            ("exclusiveMinimum", &self.exclusive_minimum),
            ("exclusiveMaximum", &self.exclusive_maximum),
        ];
        for (word, number) in numbers {
            if let Some(number) = number {
                out.insert(word.to_owned(), Json::Number(number.clone()).into());
            }
        }
        let counts = [
            ("minLength", self.min_length),
            ("maxLength", self.max_length),
            ("minItems", self.min_items),
            ("maxItems", self.max_items),
            ("minProperties", self.min_properties),
            ("maxProperties", self.max_properties),
        ];
        out.extend(counts.into_iter().filter_map(|(word, count)| Some((word.to_owned(), json!(count?)))));
    }

    fn enumerate(&self, out: &mut Map<String, Value>, dialect: SchemaDialect) {
        if self.allowed.is_empty() {
            return;
        }
        let words: Vec<&str> = self.allowed.iter().filter_map(Json::as_str).collect();
        if dialect == SchemaDialect::Accepted && words.len() == self.allowed.len() {
            // JSON Schema cannot ignore case. Editors suggest the words of an enumeration, and a pattern takes every other case.
            out.insert("anyOf".to_owned(), json!([{"enum": words}, {"pattern": accepted::any_case(&words)}]));
        } else {
            out.insert("enum".to_owned(), self.allowed.iter().cloned().map(Value::from).collect());
        }
    }

    fn describe_items(&self, out: &mut Map<String, Value>, dialect: SchemaDialect) {
        if let Some(items) = &self.items {
            out.insert("items".to_owned(), items.to_json_schema(dialect));
        }
    }

    fn describe_members(&self, out: &mut Map<String, Value>, dialect: SchemaDialect) {
        // Client generators make a class of an object with declared members, and names such as "" are none in most languages. A map
        // with a few declared entries is a map for them.
        let is_map = dialect == SchemaDialect::OpenApi && matches!(self.additional_properties, Additional::Like(_));
        if !self.required.is_empty() && !is_map {
            out.insert("required".to_owned(), json!(self.required));
        }
        if !self.properties.is_empty() && !is_map {
            let member = |(name, schema): (&String, &Schema)| {
                (name.clone(), Value::Object(self.exported_member(name, schema, dialect)))
            };
            out.insert("properties".to_owned(), Value::Object(self.properties.iter().map(member).collect()));
        }
        match &self.additional_properties {
            Additional::Unsaid => {}
            Additional::Free => drop(out.insert("additionalProperties".to_owned(), json!(true))),
            Additional::None => drop(out.insert("additionalProperties".to_owned(), json!(false))),
            Additional::Like(schema) => {
                let mut values = schema.export(dialect);
                if dialect == SchemaDialect::Accepted && self.is_string_map() {
                    accepted::allow_null(&mut values);
                }
                out.insert("additionalProperties".to_owned(), Value::Object(values));
            }
        }
        if let Some(names) = &self.property_names {
            // Names are strings in every dialect; coercion does not apply.
            out.insert("propertyNames".to_owned(), names.to_json_schema(SchemaDialect::Stored));
        }
    }

    fn exported_member(&self, name: &String, schema: &Schema, dialect: SchemaDialect) -> Map<String, Value> {
        let mut member = schema.export(dialect);
        if dialect != SchemaDialect::Accepted {
            return member;
        }
        if schema.read_only {
            // A store ignores what users write there.
            member.retain(|word, _| ["title", "description", "examples", "readOnly"].contains(&word.as_str()));
        } else if !self.required.contains(name) {
            // A store takes null for an absent member, so editors must not mark it.
            accepted::allow_null(&mut member);
        }
        member
    }

    /// Joins all variants into one object without required members.
    fn join_variants(&self, out: &mut Map<String, Value>) {
        let Some(discriminator) = &self.discriminator else { return };
        let mut properties = Map::new();
        for variant in &self.variants {
            let members = variant.properties.iter().map(|(name, schema)| (name, schema.export(SchemaDialect::OpenApi)));
            properties.extend(members.map(|(name, schema)| (name.clone(), Value::Object(schema))));
        }
        let said = self.discriminating(discriminator).to_json_schema(SchemaDialect::OpenApi);
        properties.insert(discriminator.property_name.clone(), said);
        if let Value::Object(declared) = out.entry("properties").or_insert_with(|| json!({})) {
            declared.extend(properties);
        }
    }

    /// The discriminating member with the values of the variants.
    fn discriminating(&self, by: &Discriminator) -> Schema {
        let declared = self.properties.get(&by.property_name).cloned().unwrap_or_default();
        let values = self.variants.iter().filter_map(|variant| self.variant_value(variant));
        Schema { json_type: Some(JsonType::String), allowed: values.map(Json::from).collect(), ..declared }
    }

    /// Variants and alternatives as conditions that every draft supports.
    fn add_conditions(&self, out: &mut Map<String, Value>, dialect: SchemaDialect) {
        let mut all = Vec::new();
        if let Some(discriminator) = &self.discriminator {
            let by = &discriminator.property_name;
            let said = self.discriminating(discriminator);
            if let Value::Object(declared) = out.entry("properties").or_insert_with(|| json!({})) {
                declared.insert(by.clone(), said.to_json_schema(dialect));
            }
            for variant in &self.variants {
                let Some(stands) = variant.properties.get(by) else { continue };
                let mut stands = stands.export(dialect);
                stands.retain(|word, _| word == "enum" || word == "anyOf");
                let condition = json!({"required": [by], "properties": {by: stands}});
                all.push(json!({"if": condition, "then": variant.to_json_schema(dialect)}));
            }
        }
        let has = |name: &String| match dialect {
            // A null counts as nothing there, and only there.
            SchemaDialect::Accepted => json!({"required": [name], "properties": {name: {"not": {"type": "null"}}}}),
            _ => json!({"required": [name]}),
        };
        for (name, others) in &self.dependent_required {
            let others: Vec<Value> = others.iter().map(has).collect();
            all.push(json!({"if": has(name), "then": {"allOf": others}}));
        }
        let each: Vec<Value> = self.alternatives().iter().map(has).collect();
        // These speak of objects only, and `required` says yes to everything else.
        let is_object = json!({"type": "object"});
        if !self.exactly_one_of.is_empty() {
            all.push(json!({"if": is_object, "then": {"oneOf": each}}));
        } else if !self.at_most_one_of.is_empty() {
            let none = json!({"not": {"anyOf": each}});
            all.push(json!({"if": is_object, "then": {"oneOf": [none, {"oneOf": each}]}}));
        }
        if !all.is_empty() {
            out.insert("allOf".to_owned(), Value::Array(all));
        }
    }
}
