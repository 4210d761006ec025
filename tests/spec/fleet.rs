//! The fleet file: what each tenant gets, what is refused and where, and which tenants a run is about.

use std::cell::Cell;
use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use snapbox::str;
use sspr::spec_file::fleet::{Fleet, Selection, Shard, load, schema};
use sspr::spec_file::{self, ProblemV1, Spec};
use sspr::tenant::SETTINGS;

use crate::common::assert_shown;
use crate::repository::editor::{any_document, in_ascii, is_beyond_a_schema};

const EXAMPLE: &str = r#"version: 1
spec:
  group: SSPR-Pilot
  methods:
    required: 1
    allowed: [email, mobile_phone]
  registration: {required: true, reconfirm_days: 180}
  customization: {helpdesk: none}
  rollout:
    open: 1
    rings: [{group: SSPR-Ring-IT}, {group: SSPR-Ring-Office, after: {ready: 80%, days: 7}}]
  accept: [no-helpdesk]
tenants:
  - tenant: contoso.onmicrosoft.com
    wave: canary
  - tenant: Fabrikam.onmicrosoft.com
    spec:
      customization: {helpdesk: "https://help.fabrikam.com"}
      registration: null
      methods: {allowed: [email], required: null}
      rollout: {open: 2}
      accept: null
  - tenant: 204a15ea-fa2c-550c-86c1-f84caa53d849
    wave: rest
    spec: {rollout: null, group: b4cc8a36-de1e-5d5b-9644-4edc3fc96a73}
waves: [canary, early, rest]
"#;

fn fleet(text: &str) -> Fleet {
    load("fleet.yaml", text.as_bytes()).unwrap_or_else(|error| panic!("{}", error.render(false)))
}

/// Returns every problem with its place and key.
fn problems(text: &str) -> String {
    let error = load("fleet.yaml", text.as_bytes()).unwrap_err();
    let line = |problem: &ProblemV1<'_>| {
        let ProblemV1 { line, column, key, message, help, .. } = problem;
        format!("{line}:{column} {}  {message}: {}\n", key.unwrap_or("-"), help.unwrap_or("-"))
    };
    error.problems().iter().map(line).collect()
}

fn names(tenants: &[&sspr::spec_file::fleet::FleetTenant]) -> Vec<String> {
    tenants.iter().map(|tenant| tenant.tenant.clone()).collect()
}

#[test]
fn every_tenant_gets_the_spec_with_its_own_laid_over() {
    let fleet = fleet(EXAMPLE);
    let told: String = fleet
        .tenants()
        .iter()
        .map(|tenant| format!("# {} in {}\n{}", tenant.tenant, tenant.wave, tenant.spec.to_yaml()))
        .collect();
    assert_shown!(
        told,
        str![[r##"
# contoso.onmicrosoft.com in canary
version: 1
tenant: "contoso.onmicrosoft.com"
group: "SSPR-Pilot"
methods:
  required: 1
  allowed: [email, mobile_phone]
registration:
  required: true
  reconfirm_days: 180
customization:
  helpdesk: none
rollout:
  open: 1
  rings:
    - group: "SSPR-Ring-IT"
    - group: "SSPR-Ring-Office"
      after: {ready: 80%, days: 7}
accept: [no-helpdesk]
# Fabrikam.onmicrosoft.com in rest
version: 1
tenant: "Fabrikam.onmicrosoft.com"
group: "SSPR-Pilot"
methods:
  allowed: [email]
customization:
  helpdesk: "https://help.fabrikam.com"
rollout:
  open: 2
  rings:
    - group: "SSPR-Ring-IT"
    - group: "SSPR-Ring-Office"
      after: {ready: 80%, days: 7}
# 204a15ea-fa2c-550c-86c1-f84caa53d849 in rest
version: 1
tenant: "204a15ea-fa2c-550c-86c1-f84caa53d849"
group: "b4cc8a36-de1e-5d5b-9644-4edc3fc96a73"
methods:
  required: 1
  allowed: [email, mobile_phone]
registration:
  required: true
  reconfirm_days: 180
customization:
  helpdesk: none
accept: [no-helpdesk]

"##]]
    );
    assert_eq!((fleet.tenants()[1].place.line, fleet.tenants()[1].place.column), (16, 13));
    assert_eq!(fleet.tenants()[1].spec.lines()["methods.allowed"].line, 20);
}

#[test]
fn a_file_without_waves_has_one() {
    let fleet = fleet("version: 1\nspec: {}\ntenants: [{tenant: contoso.com}]\n");
    assert_eq!((fleet.waves(), &*fleet.tenants()[0].wave), (&["all".to_owned()][..], "all"));
}

#[test]
fn every_mistake_is_told_at_once_where_it_stands() {
    let text = r#"version: 2
group: SSPR-Pilot
spec:
  tenant: contoso.com
  methods: {required: 3, allowed: [email, sms]}
  scope: selected
tenants:
  - tenant: contoso.onmicrosoft.com
    wave: carnary
  - tenant: CONTOSO.onmicrosoft.com
  - tenant: fabrikam
  - wave: rest
  - fabrikam.com
  - tenant: a.example
    spec: {tenant: b.example, gruop: x, methods: {required: yes, required: 1}}
  - tenant: b.example
    spec: {scope: all}
  - tenant: c.example
    host: c.example
    spec: [group]
  - tenant: d.example
    spec: {version: null, rollout: {open: null}, unknown: null}
waves: [canary, rest, canary, "to day"]
"#;
    assert_shown!(
        problems(text),
        str![[r#"
1:10 version  this sspr reads fleet file version 1: write `version: 1`
2:1 group  unknown key `group`: put `group` under `spec`
4:3 spec.tenant  which tenant it is stands in the list of tenants: remove `tenant` here
5:23 spec.methods.required  3 is out of range: write a whole number from 1 to 2
5:43 spec.methods.allowed  unknown value `sms`: write one of `email`, `mobile_phone`, `office_phone`, `mobile_app_notification`, `mobile_app_code` and `security_questions`
6:10 spec.scope  `scope: selected` needs a group: add `group:` with the group's display name or object id
10:13 tenants[2].tenant  `CONTOSO.onmicrosoft.com` is listed twice: it was first listed in line 8; keep one
11:13 tenants[3].tenant  this is neither a tenant id nor a domain name: write the tenant's GUID, or a verified domain such as contoso.onmicrosoft.com
12:5 tenants[4]  this tenant has no name: add `tenant:` with its id or one of its verified domains
13:5 tenants[5]  a tenant holds keys, found text: write `- tenant: contoso.onmicrosoft.com`
15:12 tenants[6].spec.tenant  which tenant it is stands in the list of tenants: remove `tenant` here
15:31 tenants[6].spec.gruop  unknown key `gruop`: did you mean `group`?
15:61 tenants[6].spec.methods.required  expected a whole number, found text: write a whole number from 1 to 2
15:66 tenants[6].spec.methods.required  the key `methods.required` is given twice: it was first given in line 15; keep one
19:5 tenants[8].host  unknown key `host`: a tenant has the keys `tenant`, `wave` and `spec`
20:5 tenants[8].spec  `spec` holds keys, found a list: put what is different for this tenant under it, or remove it
22:21 tenants[9].spec.version  this sspr reads spec version 1: write `version: 1`
22:27 tenants[9].spec.rollout  `rollout` lacks `open`: write how many of the rings are open, such as `open: 1`
22:27 tenants[9].spec.rollout  `rollout` lacks `rings`: list at least one, such as `- group: SSPR-Ring-IT`
22:50 tenants[9].spec.unknown  unknown key `unknown`: the keys here are `version`, `tenant`, `accept`, `scope`, `group`, `methods`, `registration`, `notifications`, `customization`, `writeback`, `administrators` and `rollout`
23:23 waves  `canary` is listed twice: keep one
23:31 waves  `to day` is no name for a wave: write at most 64 letters from a to z, digits, `-`, `_` and `.`

"#]]
    );
}

/// A rule between keys of which one is the fleet's and one the tenant's own is told with the tenant's name, in its lines.
#[test]
fn what_only_one_tenants_spec_breaks_is_told_with_its_name() {
    let text = "version: 1\nspec:\n  group: SSPR-Pilot\n  methods: {required: 1, allowed: [email]}\ntenants:\n  \
                - tenant: a.example\n  - tenant: b.example\n    spec:\n      methods:\n        required: 2\n  \
                - tenant: c.example\n    spec: {scope: all}\n  - tenant: d.example\n    spec: {methods: {required: 2, allowed: [email, mobile_phone]}}\n  \
                - tenant: e.example\n    spec:\n      scope: selected\n      group: null\n";
    assert_shown!(
        problems(text),
        str![[r#"
8:5 tenants[2].spec.methods.allowed  in b.example, 2 methods are required to reset, but only 1 is allowed: allow another method, or set `methods.required: 1`
12:19 tenants[3].spec.scope  in c.example, `scope: all` reaches everyone, but a group is named too: remove `scope` to pilot with the group, or remove `group` to reach everyone
17:14 tenants[5].spec.scope  in e.example, `scope: selected` needs a group: add `group:` with the group's display name or object id

"#]]
    );
    let shown = load("fleet.yaml", text.as_bytes()).unwrap_err().render(false);
    assert_shown!(
        shown,
        str![[r#"
error: in b.example, 2 methods are required to reset, but only 1 is allowed
 --> fleet.yaml:8:5
  |
8 |     spec:
  |     ^^^^
  |
help: allow another method, or set `methods.required: 1`

error: in c.example, `scope: all` reaches everyone, but a group is named too
  --> fleet.yaml:12:19
   |
12 |     spec: {scope: all}
   |                   ^^^
   |
help: remove `scope` to pilot with the group, or remove `group` to reach everyone

error: in e.example, `scope: selected` needs a group
  --> fleet.yaml:17:14
   |
17 |       scope: selected
   |              ^^^^^^^^
   |
help: add `group:` with the group's display name or object id
"#]]
    );
}

#[test]
fn what_a_spec_refuses_a_fleet_file_refuses_too() {
    let with = |text: &str| format!("version: 1\nspec: &all {{group: x}}\ntenants: [{text}]\n");
    assert_shown!(
        problems(&with("{tenant: a.example, spec: *all}")),
        str![[r#"
2:7 -  `&all` is a YAML anchor, which a fleet file cannot use: remove it; quote text that begins with `&`
3:37 -  `*all` is a YAML alias, which a fleet file cannot use: write the value itself; quote text that begins with `*`

"#]]
    );
    let texts = [
        "",
        "[]",
        "version: 1",
        "version: 1\nspec: x\ntenants: {}\nwaves: canary\n",
        "version: 1\nspec: {}\ntenants: []\nwaves: []\n",
        "version: 1\nspec: {}\nspec: {}\ntenants: [{tenant: a.example, tenant: b.example}]\n",
        "version: 1\nspec: {}\ntenants: [{tenant: a.example, wave: canary}]\n---\n",
        "version: 1\nspec: {}\ntenants: [{tenant: a.example, wave: canary, spec: }]\n",
        "version: 1\nspec: {<<: {group: x}}\ntenants: [{tenant: a.example}]\n",
    ];
    let told: String = texts.iter().map(|text| format!("{}---\n", problems(text))).collect();
    assert_shown!(
        told,
        str![[r#"
1:1 -  the file is empty: a fleet file has the keys `version`, `spec`, `tenants` and `waves`
---
1:1 -  expected keys and values, found a list: a fleet file has the keys `version`, `spec`, `tenants` and `waves`
---
1:1 spec  the key `spec` is missing: add `spec:` with what every tenant gets, as a spec has it
1:1 tenants  the key `tenants` is missing: list at least one, such as `- tenant: contoso.onmicrosoft.com`
---
2:1 spec  `spec` holds keys, found text: put the keys of a spec under it, such as `group: SSPR-Pilot`; `{}` for none
3:10 tenants  expected a list of tenants, found a group of keys: list at least one, such as `- tenant: contoso.onmicrosoft.com`
4:8 waves  expected a list of waves, found text: list names in the order in which they are begun, such as `[canary, rest]`
---
3:10 tenants  no tenant is listed: list at least one, such as `- tenant: contoso.onmicrosoft.com`
4:8 waves  no wave is listed: remove `waves` to write all tenants in one
---
3:1 spec  the key `spec` is given twice: it was first given in line 2; keep one
4:31 tenants[1].tenant  the key `tenants[1].tenant` is given twice: it was first given in line 4; keep one
---
4:1 -  a second document begins here: a fleet file is one document
---
3:37 tenants[1].wave  the file lists no waves: add `waves: [canary]` at the top, with all waves in their order
3:45 tenants[1].spec  `spec` holds keys, found nothing: put what is different for this tenant under it, or remove it
---
2:8 -  `<<` is a YAML merge key, which a fleet file cannot use: write the keys out where they belong
---

"#]]
    );
    let long = format!("version: 1\n# {}\n", "x".repeat(spec_file::MAX_FLEET_BYTES));
    assert_shown!(
        problems(&long),
        str![[r#"
1:1 -  the file has 8388622 bytes; a fleet file has at most 8388608: -

"#]]
    );
}

/// A tenant that gets nothing else than before keeps its digest, whatever is changed for others.
#[test]
fn a_tenants_digest_is_that_of_its_own_spec() {
    let digests = |text: &str| -> Vec<String> {
        fleet(text).tenants().iter().map(|tenant| tenant.spec.sha256().to_owned()).collect()
    };
    let (before, after) = (digests(EXAMPLE), digests(&EXAMPLE.replace("open: 2", "open: 0")));
    assert_eq!((&before[0], &before[2]), (&after[0], &after[2]));
    assert_ne!(before[1], after[1]);
    let alone = fleet(EXAMPLE).tenants()[1].spec.to_yaml();
    assert_eq!(spec_file::load("x", alone.as_bytes()).unwrap().sha256(), before[1]);
}

#[test]
fn a_run_is_about_the_tenants_that_fit_all_that_is_asked() {
    let fleet = fleet(EXAMPLE);
    let select = |selection: Selection| fleet.select(&selection).map(|found| names(&found));
    assert_eq!(select(Selection::default()).unwrap().len(), 3);
    let waves = vec!["rest".to_owned(), "canary".to_owned()];
    let tenants = vec!["FABRIKAM.onmicrosoft.com".to_owned()];
    assert_eq!(
        select(Selection { tenants: tenants.clone(), waves, shard: None }).unwrap(),
        ["Fabrikam.onmicrosoft.com"]
    );
    let canary = vec!["canary".to_owned()];
    assert!(select(Selection { tenants, waves: canary, shard: None }).unwrap().is_empty());
    let unknown = |tenants: &[&str], waves: &[&str]| {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        select(Selection { tenants: owned(tenants), waves: owned(waves), shard: None })
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        unknown(&["fabrikan.onmicrosoft.com"], &[]),
        "fleet.yaml has no tenant `fabrikan.onmicrosoft.com`; did you mean `Fabrikam.onmicrosoft.com`?"
    );
    assert_eq!(unknown(&[], &["late\u{1b}r"]), "fleet.yaml has no wave `late\\u{1b}r`");
}

#[test]
fn a_shard_is_one_of_so_many() {
    let parsed = |word: &str| word.parse::<Shard>().map(|shard| shard.to_string());
    assert_eq!(parsed("1/4").unwrap(), "1/4");
    assert_eq!(parsed("index:3/4").unwrap(), "4/4");
    for wrong in
        ["0/4", "5/4", "index:4/4", "1", "/", "1/0", "-1/4", "1/4/4", "1/10001", "a/b", "4294967296/4"]
    {
        assert!(
            parsed(wrong).unwrap_err().to_string().starts_with(&format!("`{wrong}` is no part:")),
            "{wrong}"
        );
    }
    assert!("index:4294967295/4294967295".parse::<Shard>().is_err());
    assert_eq!(Shard::all(3).map(|shard| shard.to_string()).collect::<Vec<_>>(), ["1/3", "2/3", "3/3"]);
}

/// Where a tenant is must never change with the version: shards of one run may be of two.
#[test]
fn a_tenant_stays_in_its_shard() {
    let shards = ["contoso.onmicrosoft.com", "Fabrikam.com", "204a15ea-fa2c-550c-86c1-f84caa53d849"]
        .map(|name| [2, 4, 16, 256].map(|of| Shard::of_tenant(name, of).number()));
    assert_eq!(shards, [[1, 1, 12, 252], [1, 1, 5, 239], [2, 2, 5, 113]]);
}

proptest! {
    #![proptest_config(Config { cases: 32, failure_persistence: None, ..Config::default() })]

    /// The shards are the fleet, each tenant once and whatever its letter case; one more takes tenants only for itself, and no
    /// more than its share and some.
    #[test]
    fn shards_share_a_fleet_and_one_more_moves_few(seed in any::<u32>(), of in 1_u32..40) {
        let names: Vec<String> = (0..1_000).map(|at| format!("t{at}-{seed}.onmicrosoft.com")).collect();
        let mut moved = 0;
        for name in &names {
            let shard = Shard::of_tenant(name, of);
            prop_assert_eq!(Shard::all(of).filter(|shard| shard.has(name)).collect::<Vec<_>>(), [shard]);
            prop_assert_eq!(Shard::of_tenant(&name.to_uppercase(), of), shard);
            let after = Shard::of_tenant(name, of + 1);
            if after.number() != shard.number() {
                prop_assert_eq!(after.number(), of + 1);
                moved += 1;
            }
        }
        // Its fair share is 1000/(of + 1); six standard deviations of a binomial are left for chance.
        let share = 1_000.0 / f64::from(of + 1);
        let slack = 6.0 * (share * (1.0 - share / 1_000.0)).sqrt();
        prop_assert!((f64::from(moved) - share).abs() <= slack, "{} of {} moved", moved, share);
    }
}

/// Lays one document over another, as RFC 7396 has it.
fn merged(base: &Value, own: &Value) -> Value {
    let Value::Object(own) = own else { return own.clone() };
    let mut laid = base.as_object().cloned().unwrap_or_default();
    for (key, value) in own {
        match value {
            Value::Null => drop(laid.remove(key)),
            value => {
                let below = laid.remove(key).unwrap_or_default();
                laid.insert(key.clone(), merged(&below, value));
            }
        }
    }
    Value::Object(laid)
}

/// Everything a spec says, but for places.
fn said(spec: &Spec) -> impl PartialEq + std::fmt::Debug {
    let values: Vec<Option<Value>> =
        SETTINGS.iter().map(|setting| spec.value(setting.key).cloned()).collect();
    let rings = spec.rollout().map(|rollout| {
        let rings = rollout.rings.iter().map(|ring| (ring.group.clone(), ring.after));
        (rollout.open, rings.collect::<Vec<_>>())
    });
    (values, rings, spec.accepted().to_vec(), spec.tenant().map(str::to_owned))
}

#[test]
fn the_schema_is_one() {
    jsonschema::draft202012::meta::validate(&schema()).unwrap();
}

/// Over thousands of files: a tenant gets what a file of its own with the two laid together would say; that file is what
/// `to_yaml` writes; and the schema refuses what the loader does, but for rules between the keys of both.
#[test]
fn a_tenants_spec_is_that_of_one_file_and_the_schema_and_the_loader_agree() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let (fits, fails, told) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let count = |cell: &Cell<u32>| cell.set(cell.get() + 1);
    let mut runner = TestRunner::new(Config { cases: 1000, failure_persistence: None, ..Config::default() });
    let any = (any_document(), any_document(), prop::bool::weighted(0.7));
    let outcome = runner.run(&any, |(mut base, mut own, is_mended)| {
        // Most are wrong already alone, and what is right together is of most interest.
        let is_wrong = |document: &Value| spec_file::load("x", in_ascii(document).as_bytes()).is_err();
        if is_mended && is_wrong(&base) {
            base = json!({"group": "SSPR-Pilot", "methods": {"required": 2, "allowed": ["email", "office_phone"]}});
        }
        if is_mended && is_wrong(&own) {
            own = json!({"group": null, "methods": {"required": 1, "allowed": null}, "registration": null});
        }
        for document in [&mut base, &mut own] {
            // `version` may stand in either, and `tenant` in none.
            if let Some(keys) = document.as_object_mut().filter(|keys| keys.len() > 2) {
                keys.remove("tenant");
            }
        }
        let document =
            json!({"version": 1, "spec": base, "tenants": [{"tenant": "contoso.com", "spec": own}]});
        let is_fitting = validator.is_valid(&document);
        match load("fleet.yaml", in_ascii(&document).as_bytes()) {
            Ok(fleet) => {
                let spec = &fleet.tenants()[0].spec;
                let mut alone = merged(&base, &own);
                alone["version"] = json!(1);
                alone["tenant"] = json!("contoso.com");
                let alone = spec_file::load("x", in_ascii(&alone).as_bytes());
                let alone = alone.map_err(|error| {
                    TestCaseError::fail(format!("alone it is wrong: {:?}", error.by_key()))
                })?;
                prop_assert_eq!(&said(spec), &said(&alone));
                let again = spec_file::load("x", spec.to_yaml().as_bytes());
                let again = again.map_err(|error| {
                    TestCaseError::fail(format!("written it is wrong: {:?}", error.by_key()))
                })?;
                prop_assert_eq!(&said(spec), &said(&again));
                let refused: Vec<String> =
                    validator.iter_errors(&document).map(|error| error.to_string()).collect();
                prop_assert!(is_fitting, "only the schema refuses: {:?}", refused);
                count(&fits);
            }
            Err(_) if !is_fitting => count(&fails),
            Err(error) => {
                let problems: Vec<(String, String)> = error
                    .by_key()
                    .into_iter()
                    .filter(|(_, message)| !message.starts_with("in contoso.com, "))
                    .collect();
                let bare = |(key, message): &(String, String)| {
                    (
                        key.rsplit_once("spec.").map_or_else(|| key.clone(), |(_, key)| key.to_owned()),
                        message.clone(),
                    )
                };
                let bare: Vec<_> = problems.iter().map(bare).collect();
                let is_told = bare.is_empty()
                    || is_beyond_a_schema(&base, &bare)
                    || is_beyond_a_schema(&own, &bare)
                    || bare.iter().all(|(_, message)| message.contains("lacks"));
                prop_assert!(is_told, "only the loader refuses: {:?}", error.by_key());
                count(&told);
            }
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    assert!(fits.get() > 200 && fails.get() > 200 && told.get() > 10, "{fits:?} {fails:?} {told:?}");
}

/// Names of all kinds come back as they were.
#[test]
fn a_written_spec_keeps_odd_names() {
    for name in [
        "no",
        "SG ##[error] x",
        "Zoë 🎉",
        "a\u{202e}b",
        "\u{e0041}",
        "\"quoted\" \\",
        "a\nb",
        "1e3",
        "\u{7f}\u{9f}\u{feff}",
    ] {
        let text =
            in_ascii(&json!({"version": 1, "group": "x"})).replace("\"x\"", &sspr::spec_file::quoted(name));
        let spec = spec_file::load("x", text.as_bytes()).unwrap();
        assert_eq!(spec.value("group"), Some(&json!(name)), "{text}");
        let written = spec.to_yaml();
        assert_eq!(
            spec_file::load("x", written.as_bytes()).unwrap().value("group"),
            Some(&json!(name)),
            "{written}"
        );
        let shown: BTreeSet<char> = written.chars().filter(|c| *c != '\n').collect();
        assert!(shown.iter().all(|c| sspr::text::visible(&c.to_string()) == c.to_string()), "{written}");
    }
}
