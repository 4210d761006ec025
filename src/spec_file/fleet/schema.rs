//! The JSON Schema (2020-12) of a fleet file, made from the one of a spec.
//!
//! A generated test holds it and the loader together. What only the whole file tells is the loader's: a tenant listed twice,
//! a wave that is not listed, and the rules between keys of which one is the fleet's and one a tenant's own.

use serde_json::{Map, Value, json};

use super::super::schema as spec_schema;
use super::load::MAX_WAVE_NAME;

/// Returns the schema.
pub fn schema() -> Value {
    let spec = spec_schema::schema();
    let version = spec["properties"]["version"].clone();
    let tenant = &spec["properties"]["tenant"];
    let mut name = tenant.clone();
    name["description"] =
        json!("The tenant's id, or one of its verified domains. No other tenant is touched in its place.");
    let wave = wave_name("The wave in which this tenant is written; without it, the last one.");
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A self-service password reset pilot in many tenants, for sspr fleet",
        "description": "One spec for many tenants, what is different in some, and the order in which they take it.",
        "type": "object",
        "required": ["version", "spec", "tenants"],
        "additionalProperties": false,
        "propertyNames": spec_schema::no_merge_key(),
        "properties": {
            "version": version,
            "spec": of_all(&spec),
            "tenants": {
                "title": "Tenants",
                "description": "The tenants, each once.",
                "type": "array",
                "minItems": 1,
                "items": {
                    "title": "Tenant",
                    "description": "A tenant, the wave it is in, and what is different there.",
                    "type": "object",
                    "required": ["tenant"],
                    "additionalProperties": false,
                    "propertyNames": spec_schema::no_merge_key(),
                    "properties": {"tenant": name, "wave": wave, "spec": of_one(&spec)},
                },
                "examples": [[{"tenant": "contoso.onmicrosoft.com", "wave": "canary"}]],
            },
            "waves": {
                "title": "Waves",
                "description": "The names of the waves, in the order in which they are begun. The first writes one tenant at a \
                                time. Without it there is one wave.",
                "type": "array",
                "minItems": 1,
                "uniqueItems": true,
                "items": wave_name("A wave."),
                "examples": [["canary", "early", "rest"]],
            },
        },
    })
}

fn wave_name(about: &str) -> Value {
    json!({
        "title": "Wave",
        "description": about,
        "type": "string",
        "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]*$",
        "maxLength": MAX_WAVE_NAME,
        "patternErrorMessage": "Write letters from a to z, digits, `-`, `_` and `.`.",
        "examples": ["canary"],
    })
}

/// A spec without the keys that stand elsewhere in a fleet file.
fn of_all(spec: &Value) -> Value {
    let mut all = spec.clone();
    if let Some(all) = all.as_object_mut() {
        all.remove("$schema");
        all.remove("required");
    }
    remove_tenant(&mut all);
    all["title"] = json!("What every tenant gets");
    all["description"] =
        json!("A spec, without `tenant`. A key that is left out is unmanaged: sspr never writes it.");
    all
}

/// What is laid over a spec: every key may be `null`, and none has to be there.
fn of_one(spec: &Value) -> Value {
    let mut one = of_all(spec);
    let version = one["properties"].as_object_mut().and_then(|keys| keys.remove("version"));
    one = laid_over(one);
    one["properties"]["version"] = version.unwrap_or_default();
    one["title"] = json!("What is different in this tenant");
    one["description"] =
        json!("Laid over `spec`, key by key: a list is replaced whole, and `null` makes a key unmanaged.");
    one
}

fn remove_tenant(schema: &mut Value) {
    if let Some(keys) = schema["properties"].as_object_mut() {
        keys.remove("tenant");
    }
}

/// A section without what needs more than its own keys to be told, and `null` for each of them.
fn laid_over(mut section: Value) -> Value {
    let Some(map) = section.as_object_mut() else { return section };
    map.remove("allOf");
    map.remove("required");
    if let Some(Value::Object(keys)) = map.remove("properties") {
        let keys: Map<String, Value> = keys.into_iter().map(|(key, schema)| (key, or_null(schema))).collect();
        map.insert("properties".to_owned(), Value::Object(keys));
    }
    section
}

/// What an editor shows stays outside of the choice.
fn or_null(schema: Value) -> Value {
    let schema = if schema["properties"].is_object() { laid_over(schema) } else { schema };
    json!({
        "title": schema["title"].clone(),
        "description": schema["description"].clone(),
        "anyOf": [schema, {"type": "null", "title": "Unmanaged"}],
    })
}
