//! What editors and readers are given is what the loader does: the schema, the reference, the examples' first line.

use std::cell::Cell;
use std::fs;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use snapbox::IntoData as _;
use sspr::spec_file::{load, schema};
use sspr::tenant::{SETTINGS, Setting, Surface, ValueKind, setting};

use crate::common::{Scene, repository};

/// `SNAPSHOTS=overwrite cargo test the_committed_schemas` writes them anew.
#[test]
fn the_committed_schemas_are_what_the_binary_prints() {
    let scene = Scene::new();
    for (args, name) in
        [(&["schema"][..], "pilot.schema.json"), (&["schema", "--fleet"], "fleet.schema.json")]
    {
        let run = |more: &[&str]| scene.run(&[args, more].concat()).code(0).stdout;
        let printed = run(&[]);
        let file = snapbox::Data::read_from(&repository("examples").join(name), None);
        snapbox::assert_data_eq!(printed.as_str().raw(), file.raw());
        assert_eq!(run(&["--format", "json"]), printed);
        let _ = run(&["--out", name]);
        let _ = run(&["--out", name]);
        assert_eq!(fs::read_to_string(scene.path().join(name)).unwrap(), printed);
    }
}

#[test]
fn the_schema_is_one() {
    jsonschema::draft202012::meta::validate(&schema()).unwrap();
}

#[test]
fn the_examples_name_the_schema_and_fit_it() {
    const LINE: &str = "# yaml-language-server: $schema=pilot.schema.json\n";
    const FLEET: &str = "# yaml-language-server: $schema=fleet.schema.json\n";
    for entry in fs::read_dir(repository("examples")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            let text = fs::read_to_string(&path).unwrap();
            let line = if path.file_name().is_some_and(|name| name == "fleet.yaml") { FLEET } else { LINE };
            assert!(text.starts_with(line), "{} does not begin with {line}", path.display());
        }
    }
    let readme = fs::read_to_string(repository("README.md")).unwrap();
    assert!(readme.contains(&format!("```yaml\n{LINE}version: 1\n")));
}

/// `SNAPSHOTS=overwrite cargo test the_spec_reference` writes it anew; what is above the first key and below the
/// last is written by hand.
#[test]
fn the_spec_reference_is_made_from_the_schema() {
    const AFTER: &str = "## What the schema cannot say\n";
    let path = repository("docs/spec.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, _) = page.split_once("## `version`\n").unwrap();
    let (_, after) = page.split_once(AFTER).unwrap();
    let schema = schema();
    let mut made = before.to_owned();
    let keys = ["version", "tenant", "accept"].into_iter().chain(SETTINGS.iter().map(|setting| setting.key));
    for key in keys {
        let pointer = key.replace('.', "/properties/");
        made += &section(key, schema.pointer(&format!("/properties/{pointer}")).unwrap());
    }
    made += &rollout(&schema["properties"]["rollout"]);
    made += AFTER;
    made += after;
    snapbox::assert_data_eq!(made.raw(), snapbox::Data::read_from(&path, None).raw());
}

fn section(key: &str, schema: &Value) -> String {
    let told = |name: &str| schema[name].as_str().unwrap().to_owned();
    let mut text = format!("## `{key}`\n\n");
    match setting(key) {
        None => text += &format!("*{}.* {}\n\n", told("title"), told("description")),
        Some(setting) => {
            assert!(told("description").starts_with(setting.about));
            text += &format!("{} · *{}*. {}\n\n", setting.page.title(), told("title"), setting.about);
        }
    }
    text += &format!("- Value: {}\n", values(schema));
    let examples = schema["examples"].as_array().into_iter().flatten();
    let examples: Vec<String> = examples.map(|example| format!("`{}`", yaml(example))).collect();
    if !examples.is_empty() {
        text += &format!("- Example: {}\n", examples.join(", "));
    }
    if let Some(setting) = setting(key) {
        text += &format!("- Wire: {}\n", wire(setting));
    }
    text += "\n";
    text
}

/// The one part that is a list of sections.
fn rollout(schema: &Value) -> String {
    let ring = &schema["properties"]["rings"]["items"]["properties"];
    let after = &ring["after"]["properties"];
    let rows = [
        ("rollout.open", &schema["properties"]["open"]),
        ("rollout.rings[].group", &ring["group"]),
        ("rollout.rings[].after.ready", &after["ready"]),
        ("rollout.rings[].after.days", &after["days"]),
        ("rollout.rings[].after.resets", &after["resets"]),
    ];
    let row = |(key, schema): (&str, &Value)| {
        let (told, example) = (schema["description"].as_str().unwrap(), yaml(&schema["examples"][0]));
        format!("- `{key}`: {told} Value: {}. Example: `{example}`\n", values(schema))
    };
    let (title, told) = (schema["title"].as_str().unwrap(), schema["description"].as_str().unwrap());
    format!("## `rollout`\n\n*{title}.* {told}\n\n{}\n", rows.map(row).concat())
}

fn values(schema: &Value) -> String {
    let enumerated = |of: &Value| {
        let words = of["enum"].as_array().unwrap().iter().map(|word| word.as_str().unwrap());
        let about = of["enumDescriptions"].as_array().unwrap().iter().map(|about| about.as_str().unwrap());
        words.zip(about).map(|(word, about)| format!("\n  - `{word}`: {about}")).collect::<String>()
    };
    if let Some(only) = schema.get("const") {
        return format!("`{only}`");
    }
    if schema.get("enum").is_some() {
        return format!("one of{}", enumerated(schema));
    }
    match schema["type"].as_str().unwrap() {
        "boolean" => "`true` or `false`".to_owned(),
        "integer" => format!("a whole number from {} to {}", schema["minimum"], schema["maximum"]),
        "array" => format!("a list, each at most once, of{}", enumerated(&schema["items"])),
        "string" => match schema.get("maxLength") {
            Some(most) => format!("text of at most {most} characters"),
            None => schema["patternErrorMessage"]
                .as_str()
                .unwrap()
                .trim_start_matches("Write ")
                .trim_end_matches('.')
                .to_owned(),
        },
        other => panic!("no words for the type {other}"),
    }
}

fn yaml(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(yaml).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

fn wire(setting: &Setting) -> String {
    let fields: Vec<String> = setting.fields().iter().map(|field| format!("`{field}`")).collect();
    let of = match setting.object.surface() {
        Surface::Portal => "the admin centre's",
        Surface::Graph => "Microsoft Graph's",
    };
    format!("{} of {of} `{}`", fields.join(", "), setting.object)
}

/// Text that fits somewhere, or nearly.
fn any_text() -> impl Strategy<Value = String> {
    let known = [
        "",
        " ",
        "none",
        "None",
        "selected",
        "all",
        "true",
        "yes",
        "1",
        "email",
        "mobile_app_code",
        "SSPR-Pilot",
        " x",
        "x ",
        "x\n",
        "\u{85}x",
        "\u{feff}x",
        "x\u{a0}",
        "\u{0}",
        "a\u{2028}b",
        "contoso.com",
        "contoso",
        ".",
        "a b.c",
        "bücher.example",
        "١٢.٣",
        "204a15ea-fa2c-550c-86c1-f84caa53d849",
        "204A15EAFA2C550C86C1F84CAA53D849",
        "{204a15ea-fa2c-550c-86c1-f84caa53d849}",
        "urn:uuid:204a15ea-fa2c-550c-86c1-f84caa53d849",
        "204a15ea-fa2c-550c-86c1-f84caa53d84",
        "204a15ea-fa2c-550c-86c1-f84caa53d84g",
    ];
    let part = prop::sample::select(vec![
        "a", "help", "contoso", ".", ".com", "@", "http", "HTTPS", "https", ":", "//", "/", "\\", "?", "#",
        "1", "[::1]", ":80", ":99999", "%", "ü", " ", "\t", "\u{7f}", "\u{200b}", "<", ",", "\"", "none",
        "user:pw@", "xn--", "_", "-",
    ]);
    prop_oneof![
        3 => prop::sample::select(known.to_vec()).prop_map(str::to_owned),
        1 => Just("https://help.contoso.com/passwörd?a=1#b".to_owned()),
        1 => Just("helpdesk@contoso.com".to_owned()),
        4 => prop::collection::vec(part.clone(), 1..7).prop_map(|parts| parts.concat()),
        2 => prop::collection::vec(part, 1..6).prop_map(|parts| format!("https://{}", parts.concat())),
        1 => (255_usize..258).prop_map(|length| "ä".repeat(length)),
        1 => any::<String>(),
    ]
}

/// Any value; whole numbers are not written as decimals, which is one of the things a schema cannot tell.
fn any_odd_value() -> impl Strategy<Value = Value> {
    let method = prop::sample::select(vec![
        "email",
        "mobile_phone",
        "office_phone",
        "mobile_app_notification",
        "mobile_app_code",
        "security_questions",
        "sms",
    ]);
    prop_oneof![
        Just(Value::Null),
        Just(json!({})),
        Just(json!({"required": 1})),
        any::<bool>().prop_map(Value::from),
        prop::sample::select(vec![-1_i64, 0, 1, 2, 3, 180, 730, 731, i64::MAX]).prop_map(Value::from),
        Just(json!(1.5)),
        Just(serde_json::from_str("99999999999999999999").unwrap()),
        any_text().prop_map(Value::from),
        prop::collection::vec(method, 0..4).prop_map(|methods| json!(methods)),
        Just(json!(["email", 1])),
    ]
}

fn any_fitting_value(setting: &'static Setting) -> BoxedStrategy<Value> {
    match setting.kind {
        ValueKind::Scope => {
            prop::sample::select(vec!["none", "selected", "all"]).prop_map(Value::from).boxed()
        }
        ValueKind::Group => Just(json!("SSPR-Pilot")).boxed(),
        ValueKind::Methods => {
            let words = sspr::tenant::Method::ALL.map(sspr::tenant::Method::as_str);
            prop::sample::subsequence(words.to_vec(), 0..=6)
                .prop_shuffle()
                .prop_map(|words| json!(words))
                .boxed()
        }
        ValueKind::Helpdesk => prop_oneof![
            Just(json!("none")),
            Just(json!("help@contoso.com")),
            Just(json!("http://help.contoso.com"))
        ]
        .boxed(),
        ValueKind::Switch { .. } => any::<bool>().prop_map(Value::from).boxed(),
        ValueKind::Number { min, max, .. } => (min..=max).prop_map(Value::from).boxed(),
    }
}

fn put(root: &mut Value, key: &str, value: Value) {
    let Some(section) = root.as_object_mut() else { return };
    match key.split_once('.') {
        None => drop(section.insert(key.to_owned(), value)),
        Some((name, rest)) => put(section.entry(name).or_insert_with(|| json!({})), rest, value),
    }
}

/// A document that fits in most places, with up to two oddities.
pub(crate) fn any_document() -> impl Strategy<Value = Value> {
    let fitting: Vec<_> =
        SETTINGS.iter().map(|setting| prop::option::weighted(0.4, any_fitting_value(setting))).collect();
    let places: Vec<&'static str> = SETTINGS
        .iter()
        .map(|setting| setting.key)
        .chain([
            "version",
            "tenant",
            "accept",
            "customization.helpdesk",
            "methods",
            "registration",
            "gruop",
            "methods.zzz",
            "$schema",
        ])
        .collect();
    let odd = prop::collection::vec((prop::sample::select(places), any_odd_value()), 0..3);
    let whole = prop::option::weighted(0.01, any_odd_value());
    let codes =
        ["no-helpdesk", "sms-voice-retire", "reach", "scope-all", "group-not-security", "no helpdesk"];
    let accept =
        prop::option::weighted(0.2, prop::collection::vec(prop::sample::select(codes.to_vec()), 0..3));
    let accept = accept.prop_map(|codes| codes.map(|codes| json!(codes)));
    let has_version = prop::bool::weighted(0.97);
    (fitting, odd, whole, accept, has_version).prop_map(|(fitting, odd, whole, accept, has_version)| {
        let mut root = if has_version { json!({"version": 1}) } else { json!({}) };
        for (setting, value) in SETTINGS.iter().zip(fitting) {
            if let Some(value) = value {
                put(&mut root, setting.key, value);
            }
        }
        if let Some(codes) = accept {
            put(&mut root, "accept", codes);
        }
        odd.into_iter().for_each(|(key, value)| put(&mut root, key, value));
        whole.unwrap_or(root)
    })
}

/// The loader looks closer at the host of a URL than a pattern can.
pub(crate) fn is_beyond_a_schema(document: &Value, problems: &[(String, String)]) -> bool {
    let link = document.pointer("/customization/helpdesk").and_then(Value::as_str).unwrap_or_default();
    let is_web = link.to_ascii_lowercase().starts_with("http");
    is_web
        && problems
            .iter()
            .all(|(key, message)| key == "customization.helpdesk" && message.contains("is neither"))
}

/// JSON is YAML, but for the characters that YAML wants escaped.
pub(crate) fn in_ascii(document: &Value) -> String {
    let escaped = |c: char| match c {
        '\u{7f}'..='\u{ffff}' => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    };
    document.to_string().chars().map(escaped).collect()
}

#[test]
fn the_schema_and_the_loader_agree_on_thousands_of_documents() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let (fits, fails, beyond) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let count = |cell: &Cell<u32>| cell.set(cell.get() + 1);
    let mut runner = TestRunner::new(Config { cases: 4000, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&any_document(), |document| {
        let loaded = load("pilot.yaml", in_ascii(&document).as_bytes());
        let is_fitting = validator.is_valid(&document);
        match (&loaded, is_fitting) {
            (Ok(_), true) => count(&fits),
            (Err(_), false) => count(&fails),
            (Err(error), true) if is_beyond_a_schema(&document, &error.by_key()) => count(&beyond),
            (Ok(_), false) => {
                let told: Vec<String> =
                    validator.iter_errors(&document).map(|error| error.to_string()).collect();
                return Err(TestCaseError::fail(format!("only the schema refuses: {told:?}")));
            }
            (Err(error), true) => {
                return Err(TestCaseError::fail(format!("only the loader refuses: {:?}", error.by_key())));
            }
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    assert!(fits.get() > 400 && fails.get() > 400, "{fits:?} {fails:?} {beyond:?}");
    assert!(beyond.get() < fits.get() / 4, "{fits:?} {fails:?} {beyond:?}");
}

/// What the schema cannot say of a roll-out is in the list of docs/spec.md.
#[test]
fn the_schema_and_the_loader_agree_on_roll_outs() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let good = || json!({"open": 1, "rings": [{"group": "A"}, {"group": "B", "after": {"ready": "80%", "days": 7}}]});
    let with = |pointer: &str, value: Value| {
        let mut rollout = good();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        rollout.pointer_mut(parent).unwrap()[key] = value;
        rollout
    };
    let share = "/rings/1/after/ready";
    let mut cases = vec![good(), json!(null), json!([]), json!({}), json!({"open": 1}), json!({"rings": []})];
    for share_of in ["0%", "100%", "101%", "080%", "80", "%", "8 %", "-1%"] {
        cases.push(with(share, json!(share_of)));
    }
    for odd in [json!(80), json!(null), json!(0.8)] {
        cases.push(with(share, odd));
    }
    for number in [json!(0), json!(365), json!(366), json!(-1), json!("7"), json!(1.5)] {
        cases.push(with("/rings/1/after/days", number.clone()));
        cases.push(with("/rings/1/after/resets", number));
    }
    cases.push(with("/rings/1/after/hours", json!(1)));
    cases.push(with("/rings/1/after", json!({})));
    cases.push(with("/rings/1/after", json!(7)));
    cases.push(with("/rings/1/name", json!("B")));
    cases.push(with("/rings", json!([{"after": {"days": 1}}])));
    cases.push(with("/rings", json!(["A"])));
    cases.push(with("/rings", json!([{"group": "A", "after": {"days": 1}}])));
    cases.push(with("/rings", (0..51).map(|at| json!({"group": format!("G{at}")})).collect()));
    cases.push(with("/open", json!(51)));
    cases.push(with("/extra", json!(true)));
    let (mut fits, mut fails) = (0, 0);
    for rollout in cases {
        let document = json!({"version": 1, "group": "SSPR-Pilot", "rollout": rollout});
        let (loaded, is_valid) =
            (load("pilot.yaml", in_ascii(&document).as_bytes()), validator.is_valid(&document));
        assert_eq!(loaded.is_ok(), is_valid, "{document}: {:?}", loaded.err().map(|error| error.by_key()));
        if is_valid {
            fits += 1
        } else {
            fails += 1
        }
        // Without a group there is nothing to nest into.
        let alone = json!({"version": 1, "rollout": document["rollout"]});
        assert!(
            load("pilot.yaml", in_ascii(&alone).as_bytes()).is_err() && !validator.is_valid(&alone),
            "{alone}"
        );
    }
    assert!(fits > 5 && fails > 20, "{fits} {fails}");
}

/// What YAML 1.2's core schema makes of a scalar without quotes, straight from its table of regular expressions
/// (<https://yaml.org/spec/1.2.2/#1032-tag-resolution>); what an editor hands to the schema.
fn core_schema(plain: &str) -> Value {
    let is = |pattern: &str| regex(pattern, plain);
    if is("null|Null|NULL|~|") {
        Value::Null
    } else if is("true|True|TRUE|false|False|FALSE") {
        json!(plain.eq_ignore_ascii_case("true"))
    } else if is("[-+]?[0-9]+") {
        let digits = plain.trim_start_matches('+').trim_start_matches('-').trim_start_matches('0');
        let sign = if plain.starts_with('-') && !digits.is_empty() { "-" } else { "" };
        format!("{sign}{}", if digits.is_empty() { "0" } else { digits }).parse().unwrap()
    } else if is("0o[0-7]+") {
        i128::from_str_radix(&plain[2..], 8).map_or(json!(1e300), |number| json!(number as f64 as u64))
    } else if is("0x[0-9a-fA-F]+") {
        i128::from_str_radix(&plain[2..], 16).map_or(json!(1e300), |number| json!(number as f64 as u64))
    } else if is(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?") {
        let number: f64 = plain.parse().unwrap();
        if number.is_finite() { json!(number) } else { json!(1e300) }
    } else if is(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)") {
        json!(1e300)
    } else {
        json!(plain)
    }
}

fn regex(pattern: &str, text: &str) -> bool {
    let schema = json!({"type": "string", "pattern": format!("^(?:{pattern})$")});
    jsonschema::is_valid(&schema, &json!(text))
}

/// Numbers as YAML 1.1 and 1.2 write them, and what is a number in one of the two only.
const SPELLINGS: [&str; 50] = [
    "1",
    "+1",
    "-1",
    "1.0",
    "1.",
    "1.50",
    "1e0",
    "1E0",
    "10e-1",
    "0x1",
    "0X1",
    "0x",
    "+0x1",
    "0o1",
    "0O1",
    "0o",
    "0o17",
    "0o264",
    "0xB4",
    "0b1",
    "1_0",
    "1_80",
    "180",
    "180.0",
    "1.8e2",
    "1:30",
    "3:00",
    "190:20:30.15",
    ".5",
    "-0",
    "-0.0",
    "0.0",
    "3",
    "4.0",
    "99999999999999999999",
    "1e400",
    "0xffffffffffffffffffffffffffffffffff",
    ".inf",
    "-.INF",
    ".nan",
    "true",
    "True",
    "yes",
    "on",
    "No",
    "null",
    "~",
    "1,0",
    "1e",
    "2026-11-25",
];

/// Where YAML 1.1 and 1.2 read two numbers in the same digits, the loader takes neither: docs/spec.md tells it.
fn is_ambiguous(plain: &str) -> bool {
    regex("[-+]?0[0-9]+([.eE].*)?", plain)
}

fn compare(validator: &jsonschema::Validator, key: &str, plain: &str) -> Result<(), String> {
    let value = core_schema(plain);
    let mut document = json!({"version": 1});
    put(&mut document, key, value);
    let text = match key.split_once('.') {
        None if key == "version" => format!("version: {plain}\n"),
        None => format!("version: 1\n{key}: {plain}\n"),
        Some((section, key)) => format!("version: 1\n{section}:\n  {key}: {plain}\n"),
    };
    let (loaded, is_fitting) = (load("pilot.yaml", text.as_bytes()), validator.is_valid(&document));
    match loaded {
        Ok(_) if !is_fitting => Err(format!("only the schema refuses `{key}: {plain}`, {document}")),
        Err(error) if is_fitting && !is_ambiguous(plain) => {
            Err(format!("only the loader refuses `{key}: {plain}`: {:?}", error.by_key()))
        }
        _ => Ok(()),
    }
}

#[test]
fn the_schema_and_the_loader_agree_on_every_spelling_of_a_number() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let keys = [
        "version",
        "group",
        "tenant",
        "methods.required",
        "registration.reconfirm_days",
        "notifications.users",
    ];
    let mut parted = Vec::new();
    for (key, plain) in keys.iter().flat_map(|key| SPELLINGS.map(|plain| (*key, plain))) {
        parted.extend(compare(&validator, key, plain).err());
    }
    assert!(parted.is_empty(), "{}", parted.join("\n"));
    let mut runner = TestRunner::new(Config { cases: 1000, failure_persistence: None, ..Config::default() });
    let spelling = "[-+]?(0[xob]?)?[0-9_]{1,3}(\\.[0-9]{0,2})?([eE][-+]?[0-9]{1,2})?";
    let outcome = runner.run(&(prop::sample::select(keys.to_vec()), spelling), |(key, plain)| {
        compare(&validator, key, &plain).map_err(TestCaseError::fail)
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

/// Editors resolve `<<` before they look at the values, so the schema refuses the key's name.
#[test]
fn neither_the_schema_nor_the_loader_takes_a_merge_key() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for (text, document) in [
        ("version: 1\n<<: {group: x}\n", json!({"version": 1, "<<": {"group": "x"}})),
        (
            "version: 1\nmethods: {<<: {required: 1}}\n",
            json!({"version": 1, "methods": {"<<": {"required": 1}}}),
        ),
    ] {
        let told: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(
            told.iter()
                .any(|told| told.contains("is not allowed for") || told.contains("should not be valid")),
            "{told:?}"
        );
        let problems = load("pilot.yaml", text.as_bytes()).unwrap_err().by_key();
        assert_eq!(problems[0].1, "`<<` is a YAML merge key, which a spec cannot use");
    }
}

/// Each rule between keys, alone: the schema says it too.
#[test]
fn the_schema_says_the_rules_between_keys() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for (document, is_fitting) in [
        (json!({"version": 1, "scope": "selected"}), false),
        (json!({"version": 1, "scope": "selected", "group": "x"}), true),
        (json!({"version": 1, "scope": "all", "group": "x"}), false),
        (json!({"version": 1, "scope": "none", "group": "x"}), true),
        (json!({"version": 1, "methods": {"allowed": []}}), false),
        (
            json!({"version": 1, "methods": {"allowed": ["mobile_app_code", "mobile_app_notification"]}}),
            false,
        ),
        (json!({"version": 1, "methods": {"required": 2, "allowed": ["email"]}}), false),
        (json!({"version": 1, "methods": {"required": 1, "allowed": ["email"]}}), true),
        (json!({"version": 1, "methods": {"required": 2}}), true),
        (json!({"version": 1, "registration": {"required": false, "reconfirm_days": 1}}), false),
        (json!({"version": 1, "registration": {"reconfirm_days": 1}}), true),
        (json!({"version": 1, "methods": {"security_questions": {"register": 4, "reset": 5}}}), false),
        (json!({"version": 1, "methods": {"security_questions": {"register": 4, "reset": 4}}}), true),
        (json!({"version": 1, "methods": {"security_questions": {"reset": 5}}}), true),
    ] {
        assert_eq!(validator.is_valid(&document), is_fitting, "schema: {document}");
        assert_eq!(load("x", document.to_string().as_bytes()).is_ok(), is_fitting, "loader: {document}");
    }
}
