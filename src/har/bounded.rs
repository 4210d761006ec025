//! Takes a value out of a stream of JSON, as far as there is room for it.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// How deep what is held may be nested; what is deeper is passed over.
const DEEPEST: usize = 24;
/// What a value costs beside its text.
const EACH: usize = 48;
/// Fields of a request that nothing is believed of, and that can be large.
const PASSED_OVER: [&str; 5] = ["_initiator", "_webSocketMessages", "cache", "cookies", "timings"];

/// Takes a value, and pays for it from what is left. What there is no room for is null, and read all the same.
#[derive(Debug)]
pub(super) struct Bounded<'a> {
    pub(super) left: &'a mut usize,
    depth: usize,
}

impl<'a> Bounded<'a> {
    pub(super) fn new(left: &'a mut usize) -> Self {
        Self { left, depth: 0 }
    }

    fn pay(&mut self, bytes: usize) -> bool {
        let price = bytes.saturating_add(EACH);
        let is_paid = *self.left >= price;
        *self.left = self.left.saturating_sub(price);
        is_paid
    }
}

impl<'de> DeserializeSeed<'de> for Bounded<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(mut self, deserializer: D) -> Result<Value, D::Error> {
        if self.depth > DEEPEST || !self.pay(0) {
            return deserializer.deserialize_ignored_any(IgnoredAny).map(|_| Value::Null);
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Bounded<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, on: bool) -> Result<Value, E> {
        Ok(on.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_str<E>(mut self, text: &str) -> Result<Value, E> {
        Ok(if self.pay(text.len()) { text.into() } else { Value::Null })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut held = Vec::new();
        while let Some(item) =
            items.next_element_seed(Bounded { left: &mut *self.left, depth: self.depth + 1 })?
        {
            if *self.left > 0 {
                held.push(item);
            }
        }
        Ok(Value::Array(held))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut fields: A) -> Result<Value, A::Error> {
        let mut held = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            if PASSED_OVER.contains(&name.as_str()) || !self.pay(name.len()) {
                fields.next_value::<IgnoredAny>()?;
                continue;
            }
            let value = fields.next_value_seed(Bounded { left: &mut *self.left, depth: self.depth + 1 })?;
            // With `arbitrary_precision` a number comes as an object of one field, which no file can write otherwise.
            if let (true, Value::String(digits)) = (name.starts_with("$serde_json::private::Number"), &value)
            {
                return Ok(digits.parse().map_or(Value::Null, |number: Number| Value::Number(number)));
            }
            held.insert(name, value);
        }
        Ok(Value::Object(held))
    }
}
