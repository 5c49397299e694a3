//! The schema of an object together with the variant that its discriminator chose.

use crate::kind::Schema;

/// The declarations that hold for one object: those of its schema, and those of its variant, if it has one.
#[derive(Clone, Copy)]
pub(super) struct ObjectSchema<'s> {
    pub(super) schema: &'s Schema,
    pub(super) variant: Option<&'s Schema>,
}

/// A member of an object with its declarations. Both the schema and the variant may have one, and then both hold.
#[derive(Clone, Copy)]
pub(super) struct Member<'s> {
    pub(super) name: &'s str,
    pub(super) own: Option<&'s Schema>,
    pub(super) in_variant: Option<&'s Schema>,
}

impl<'s> ObjectSchema<'s> {
    pub(super) fn is_required(self, name: &str) -> bool {
        self.required().any(|required| required == name)
    }

    pub(super) fn is_declared(self, name: &str) -> bool {
        self.parts().any(|schema| schema.properties.contains_key(name))
    }

    pub(super) fn required(self) -> impl Iterator<Item = &'s String> {
        self.parts().flat_map(|schema| &schema.required)
    }

    /// Returns the names of all declared members.
    pub(super) fn declared(self) -> impl Iterator<Item = &'s str> {
        self.parts().flat_map(|schema| schema.properties.keys()).map(String::as_str)
    }

    /// Whether the object needs a variant and has none, so that the members of variants cannot be checked.
    pub(super) fn lacks_variant(self) -> bool {
        let by = self.schema.discriminator.as_ref();
        self.variant.is_none() && by.is_some_and(|by| self.schema.required.contains(&by.property_name))
    }

    /// Returns the value of the variant that declares a member.
    pub(super) fn variant_with(self, name: &str) -> Option<&'s str> {
        let owner = self.schema.variants.iter().find(|variant| variant.properties.contains_key(name))?;
        self.schema.variant_value(owner)
    }

    fn parts(self) -> impl Iterator<Item = &'s Schema> {
        [Some(self.schema), self.variant].into_iter().flatten()
    }
}

impl<'s> Member<'s> {
    pub(super) fn declarations(self) -> impl Iterator<Item = &'s Schema> {
        [self.own, self.in_variant].into_iter().flatten()
    }
}
