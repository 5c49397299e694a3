//! Completes at the cursor: names of members, and values.

use std::ops::Range;

use super::field::{Field, Identity, Member, Reader, description, type_name};
use super::insert::{Insert, Writer};
use super::read;
use super::scan::{Layout, Scan, Shape, Spot};
use super::token::line_start;
use super::value::{Offer, offers, only, shown};
use crate::json::Json;
use crate::kind::{JsonType, Schema};
use crate::manifest::Format;
use crate::registry::Registry;

/// The completions at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completions {
    /// Where the word begins that is being typed, in bytes.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// Replacements for the word, the likeliest first. They are not filtered by the word: editors do that each in
    /// their own way.
    pub items: Vec<CompletionItem>,
}

/// One thing that can be typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompletionItem {
    /// The label: the name of a member, or the value as people write it.
    pub label: String,
    /// The text that replaces the word: with quotes, colon and further lines, as they have to be there.
    pub insert: String,
    /// Where the cursor goes, in bytes of `insert`.
    pub caret: usize,
    /// The category.
    pub category: Category,
    /// In few words: the type of a member, whether it is required; why a value is offered.
    pub detail: Option<String>,
    /// Its description in the definition.
    pub documentation: Option<String>,
    /// Whether it should not be used any more.
    pub deprecated: bool,
}

/// The category of a completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// The name of a member.
    Member,
    /// A value.
    Value,
    /// The name of a kind.
    Kind,
    /// The beginning of a list's item, or a pair of brackets.
    Mark,
}

/// Returns the completions at a byte of a text that is being written. The text need not parse; of several documents the one of the
/// cursor counts. Within comments and blocks of text nothing can.
///
/// ```
/// use kindstore::Registry;
/// use kindstore::editor::complete;
/// use kindstore::manifest::Format;
/// let registry = Registry::builtin()?;
/// let text = "kind: Deployment\nspec:\n  sta";
/// let found = complete(&registry, text, text.len(), Format::Yaml);
/// assert_eq!(&text[found.from..found.to], "sta");
/// let state = found.items.iter().find(|item| item.label == "state").expect("it is declared");
/// assert_eq!(state.insert, "state: ");
/// # Ok::<(), kindstore::Error>(())
/// ```
pub fn complete(registry: &Registry, text: &str, offset: usize, format: Format) -> Completions {
    let scan = read::scan(text, offset, format);
    let none = Completions { from: scan.at, to: scan.at, items: Vec::new() };
    let Some(spot) = scan.spot().and_then(|spot| settled(&scan, spot)) else { return none };
    let reader = Reader::new(registry, &scan);
    let Some(field) = reader.field(spot.slot) else { return none };
    let Range { start, end } = spot.word;
    Completions { from: start, to: end, items: items(&reader, &field, &spot) }
}

/// The spot as what follows it shows it: what began as a value may be the name of a member. Nothing when what is typed
/// would not be in the column of what is there.
fn settled(scan: &Scan<'_>, spot: &Spot) -> Option<Spot> {
    let slot = &scan.slots[spot.slot];
    if spot.is_key || !is_collection(slot.shape) {
        return Some(spot.clone());
    }
    let column = |at: usize| at - line_start(scan.text, at);
    let is_behind_key = spot.layout == Layout::Inline;
    let typed = match &slot.key {
        Some(key) if is_behind_key => column(key.start) + 2,
        _ => column(spot.word.start) + usize::from(spot.needs_space),
    };
    if slot.column != Some(typed) {
        return None;
    }
    let own = scan.children(spot.slot).find(|(_, member)| member.key.as_ref() == Some(&spot.word));
    let own = own.map(|(own, _)| own);
    Some(Spot { is_key: slot.shape == Shape::Map && !is_behind_key, own, ..spot.clone() })
}

fn is_collection(shape: Shape) -> bool {
    matches!(shape, Shape::Map | Shape::List)
}

fn items(reader: &Reader<'_, '_, '_>, field: &Field<'_>, spot: &Spot) -> Vec<CompletionItem> {
    let writer = Writer::new(reader.scan, spot);
    if spot.is_key {
        return members(reader, field, spot, &writer);
    }
    let mut items = Vec::new();
    let shape = reader.scan.slots[spot.slot].shape;
    let may_begin = spot.layout != Layout::Flow && (spot.word.is_empty() || spot.layout == Layout::Line);
    if may_begin && shape != Shape::List {
        items.extend(members(reader, field, spot, &writer.clone().within()));
    }
    if may_begin && shape != Shape::Map {
        items.extend(list(reader, field, spot, &writer));
    }
    // A map or a list that is there already takes no other value.
    if !is_collection(shape) {
        items.extend(offers(reader, field).into_iter().map(|offer| value(&offer, field, writer.value(&offer.value))));
    }
    if spot.layout == Layout::Flow {
        items.extend(brackets(field, &writer));
    }
    items
}

fn members(reader: &Reader<'_, '_, '_>, field: &Field<'_>, spot: &Spot, writer: &Writer) -> Vec<CompletionItem> {
    let identities = reader.missing_identity(spot.slot, spot.own);
    let mut items: Vec<_> = identities.into_iter().map(|own| identity(reader, own, writer)).collect();
    let missing = reader.missing(field, spot.slot, spot.own);
    items.extend(missing.iter().map(|found| member(found, writer)));
    for schema in &field.schemas {
        items.extend(further(reader, schema, spot, writer, &items));
    }
    items
}

/// The members of a document that no schema declares.
fn identity(reader: &Reader<'_, '_, '_>, identity: Identity, writer: &Writer) -> CompletionItem {
    let (name, detail) = match identity {
        Identity::Kind => ("kind", "string, required"),
        Identity::ApiVersion => ("apiVersion", "string"),
    };
    let only = only(reader, identity);
    item(name, writer.member(name, None, only.as_ref()), Category::Member, Some(detail.to_owned()))
}

fn member(member: &Member<'_>, writer: &Writer) -> CompletionItem {
    let mut detail = vec![type_name(&member.schemas)];
    if member.is_required {
        detail.push("required".to_owned());
    }
    let allowed: Vec<&Json> = member.schemas.iter().flat_map(|schema| &schema.allowed).collect();
    if !allowed.is_empty() {
        let words: Vec<String> = allowed.iter().map(|value| value.to_word()).collect();
        detail.push(format!("one of {}", words.join(", ")));
    }
    let only = allowed.first().filter(|_| allowed.len() == 1);
    let typed = member.schemas.iter().find(|schema| schema.json_type.is_some()).copied();
    let insert = writer.member(member.name, typed, only.copied());
    let found = item(member.name, insert, Category::Member, Some(detail.join(", ")));
    let documentation = description(&member.schemas).map(str::to_owned);
    CompletionItem { documentation, deprecated: member.is_deprecated(), ..found }
}

/// Members that are not declared: names that the schema lists, and those that examples show.
fn further(
    reader: &Reader<'_, '_, '_>,
    schema: &Schema,
    spot: &Spot,
    writer: &Writer,
    known: &[CompletionItem],
) -> Vec<CompletionItem> {
    let declared = schema.member_names();
    let present = reader.present(spot.slot, spot.own);
    let listed = schema.property_names.iter().flat_map(|names| &names.allowed).filter_map(Json::as_str);
    let shown = shown(schema).filter_map(Json::as_object).flat_map(|members| members.keys().map(String::as_str));
    let mut items: Vec<CompletionItem> = Vec::new();
    for (name, why) in listed.map(|name| (name, "enum")).chain(shown.map(|name| (name, "example"))) {
        let is_offered = known.iter().chain(&items).any(|item| item.label == name);
        if !is_offered && !present.contains(name) && !declared.contains(&name) {
            let insert = writer.member(name, schema.additional_properties.schema(), None);
            items.push(item(name, insert, Category::Member, Some(why.to_owned())));
        }
    }
    items
}

/// Completions for the beginning of an item.
fn list(reader: &Reader<'_, '_, '_>, field: &Field<'_>, spot: &Spot, writer: &Writer) -> Vec<CompletionItem> {
    let schemas: Vec<&Schema> = field.schemas.iter().filter_map(|schema| schema.items.as_deref()).collect();
    if schemas.is_empty() {
        return Vec::new();
    }
    let writer = writer.clone().item();
    let inner = Field { schemas, around: field.schemas.clone(), ..Field::default() };
    let mut items = members(reader, &inner, spot, &writer);
    items.extend(offers(reader, &inner).into_iter().map(|offer| value(&offer, &inner, writer.value(&offer.value))));
    let detail = Some(type_name(&inner.schemas));
    items.push(item("- ", writer.begin(), Category::Mark, detail));
    items
}

fn brackets(field: &Field<'_>, writer: &Writer) -> Vec<CompletionItem> {
    let has = |json_type| field.schemas.iter().any(|schema| schema.json_type == Some(json_type));
    let pairs = [("{}", JsonType::Object), ("[]", JsonType::Array)].into_iter().filter(|(_, wanted)| has(*wanted));
    pairs.map(|(pair, _)| item(pair, writer.brackets(pair), Category::Mark, Some(type_name(&field.schemas)))).collect()
}

fn value(offer: &Offer, field: &Field<'_>, insert: Insert) -> CompletionItem {
    let category = if field.identity == Some(Identity::Kind) { Category::Kind } else { Category::Value };
    let documentation = offer.documentation.clone();
    CompletionItem { documentation, ..item(&offer.value.to_word(), insert, category, offer.detail.clone()) }
}

fn item(label: &str, (insert, caret): Insert, category: Category, detail: Option<String>) -> CompletionItem {
    let label = label.to_owned();
    CompletionItem { label, insert, caret, category, detail, documentation: None, deprecated: false }
}
