//! The law of `import`: what it writes loads, and a plan of it has no change and no error, whatever the tenant.

use proptest::prelude::*;
use serde_json::{Value, json};
use sspr::app::observe::fetch_inventory;
use sspr::plan::{DraftSetting, DraftValue, draft, imported};
use sspr::sandbox::{Seed, TenantState};
use sspr::spec_file::load;

use super::laws::{any_state, runtime};
use crate::common::{Bench, spec};

/// The id of a seeded group; one that no tenant has for any other name.
fn id(name: &str) -> uuid::Uuid {
    let tenant = TenantState::seeded(Seed::Fresh);
    tenant.groups.iter().find(|group| group.name == name).map_or(uuid::Uuid::from_u128(7), |group| group.id)
}

/// Imports, plans what was imported, and returns the draft and the file.
async fn round_trip(bench: &Bench) -> (Vec<DraftSetting>, String) {
    let inventory = fetch_inventory(&bench.reader, true).await.unwrap();
    let lines = draft(&inventory);
    let text = imported(&inventory, &lines, false, None);
    let spec =
        load("pilot.yaml", text.as_bytes()).unwrap_or_else(|error| panic!("{}\n{text}", error.render(false)));
    let plan = bench.plan(&spec).await;
    assert_eq!(plan.changes, [], "{text}");
    assert!(!plan.is_refused(), "{:#?}\n{text}", plan.findings);
    for line in &lines {
        let is_said = matches!(line.fate, DraftValue::Stated(_));
        assert_eq!(spec.value(line.setting.key).is_some(), is_said, "{}\n{text}", line.setting.key);
        assert!(
            text.contains(line.setting.label) || line.fate == DraftValue::Unset,
            "{}\n{text}",
            line.setting.key
        );
    }
    assert_eq!(bench.take_writes(), [], "importing wrote");
    (lines, text)
}

fn stated(lines: &[DraftSetting]) -> Value {
    let stated = lines.iter().filter_map(|line| match &line.fate {
        DraftValue::Stated(value) => Some((line.setting.key.to_owned(), value.clone())),
        _ => None,
    });
    Value::Object(stated.collect())
}

/// The groups in the pilot group stand there as a comment that is a roll-out once it is none; not where they are unknown.
#[tokio::test]
async fn nested_groups_are_offered_as_a_roll_out_in_a_comment() {
    let mut tenant = TenantState::seeded(Seed::Rings);
    let pilot = sspr::sandbox::tenant::id("SSPR-Pilot");
    let rings = ["SSPR-Ring-IT", "SSPR-Ring-Office"].map(sspr::sandbox::tenant::id);
    tenant.groups.iter_mut().filter(|group| group.id == pilot).for_each(|group| group.members.extend(rings));
    let bench = Bench::start(tenant).await;
    bench.apply(&spec("version: 1\ngroup: SSPR-Pilot\n")).await.unwrap();
    bench.take_requests();
    let (_, text) = round_trip(&bench).await;
    let (before, after) = text.split_once("# rollout:\n").unwrap_or_else(|| panic!("{text}"));
    assert!(after.contains("SSPR-Ring-Office"), "{text}");
    let uncommented: String = after.lines().take(4).map(|line| format!("{}\n", &line[2..])).collect();
    let spec = load("pilot.yaml", format!("{before}rollout:\n{uncommented}").as_bytes()).unwrap();
    assert_eq!(bench.plan(&spec).await.changes, []);
    bench.fail("GET microsoft.graph.group error=403,Authorization_RequestDenied");
    let (_, text) = round_trip(&bench).await;
    assert!(!text.contains("rollout:"), "{text}");
}

#[tokio::test]
async fn every_seed_is_imported_as_it_is() {
    let pilot = load("pilot.yaml", include_bytes!("../../examples/pilot.yaml")).unwrap();
    for seed in Seed::ALL {
        for is_hybrid in [false, true] {
            let mut tenant = TenantState::seeded(seed);
            tenant.is_hybrid = is_hybrid;
            let bench = Bench::start(tenant).await;
            let before = bench.sandbox.tenant();
            round_trip(&bench).await;
            assert!(bench.sandbox.tenant() == before);
            // What was applied is found again, key by key.
            bench.apply(&pilot).await.unwrap();
            bench.take_requests();
            let (lines, text) = round_trip(&bench).await;
            let found = stated(&lines);
            for key in ["group", "methods.required", "registration.reconfirm_days", "notifications.admins"] {
                assert_eq!(found.get(key), pilot.value(key), "{key} on {}\n{text}", seed.as_str());
            }
            let allowed = found["methods.allowed"].as_array().unwrap();
            let applied = pilot.value("methods.allowed").unwrap().as_array().unwrap();
            assert!(applied.iter().all(|method| allowed.contains(method)), "{}\n{text}", seed.as_str());
        }
    }
}

/// What the tenant names as its group: how many, and whether they are there.
fn any_groups() -> impl Strategy<Value = Vec<Value>> {
    prop::sample::subsequence(
        vec![json!(id("SSPR-Pilot")), json!(id("Sales")), json!(id("Newsletter")), json!(id("gone"))],
        0..=3,
    )
}

/// Names that mean something to YAML, to a terminal, or to a filter.
fn any_name() -> impl Strategy<Value = String> {
    let hostile = [
        "SSPR-Pilot",
        "Sales",
        "true",
        "null",
        "~",
        "1",
        "0x10",
        "1.0",
        "2026-11-22",
        "yes",
        "no: yes",
        "- x",
        "a #b",
        "# c",
        "{a: b}",
        "[x]",
        "&anchor",
        "*alias",
        "!tag",
        "|",
        ">",
        "%YAML",
        "@at",
        "`tick`",
        "\"quoted\"",
        "it's",
        "back\\slash",
        "two\nlines\nscope: all",
        "tab\there",
        " padded ",
        "\u{202e}evil",
        "\u{85}next",
        "\u{2028}line",
        "\u{feff}bom",
        "🐕",
        "---",
        "...",
        "?",
        "b4cc8a36-de1e-5d5b-9644-4edc3fc96a73",
        "\u{fffe}",
        "\u{0}",
    ];
    prop_oneof![
        prop::sample::select(hostile.to_vec()).prop_map(str::to_owned),
        any::<String>(),
        "[ä-ü]{255,257}"
    ]
}

fn any_tenant() -> impl Strategy<Value = TenantState> {
    let state = prop_oneof![
        Just(json!(null)),
        Just(json!("preMigration")),
        Just(json!("migrationInProgress")),
        Just(json!("migrationComplete")),
        Just(json!("someday")),
    ];
    let seed = prop::sample::select(Seed::ALL.to_vec());
    let link = prop_oneof![
        any_name(),
        Just("https://help.contoso.com/?q=\"#x".to_owned()),
        Just("a@b.c".to_owned())
    ];
    let lacking = prop::collection::vec(
        prop::sample::select(vec![
            "enablementType",
            "passwordResetEnabledGroupIds",
            "emailOptionEnabled",
            "customHelpdeskEmailOrUrl",
            "numberOfAuthenticationMethodsRequired",
            "notifyUsersOnPasswordReset",
        ]),
        0..2,
    );
    let objects = (any::<[bool; 3]>(), link, lacking);
    (any_state(), seed, state, any_groups(), any_name(), objects).prop_map(
        |(mut tenant, seed, state, groups, name, (switches, link, lacking))| {
            tenant.methods = TenantState::seeded(seed).methods;
            tenant.methods["policyMigrationState"] = state;
            tenant.policy["passwordResetEnabledGroupIds"] = json!(groups);
            tenant.groups[0].name = name;
            tenant.writeback["enablementForTenant"] = json!(switches[0]);
            tenant.writeback["accountUnlockEnabled"] = json!(switches[1]);
            tenant.authorization["allowedToUseSSPR"] = json!(switches[2]);
            tenant.policy["customHelpdeskEmailOrUrl"] = json!(link);
            for name in lacking {
                tenant.policy[name] = json!({"not": "known"});
            }
            tenant
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_tenant_is_imported_as_it_is(tenant in any_tenant()) {
        runtime().block_on(async {
            let bench = Bench::start(tenant).await;
            round_trip(&bench).await;
        });
    }
}

#[tokio::test]
async fn a_hostile_tenant_name_stays_in_its_comment() {
    let mut tenant = TenantState::seeded(Seed::Configured);
    tenant.tenant_name = "Contoso\nscope: all\n#\u{2028}group: x\u{fffe}".to_owned();
    tenant.domains = vec!["odd_domain\n: x".to_owned()];
    tenant.groups[1].name = "two\nscope: all".to_owned();
    let bench = Bench::start(tenant).await;
    let (lines, text) = round_trip(&bench).await;
    assert!(!text.contains("\nscope: all"), "{text}");
    assert_eq!(stated(&lines)["group"], json!(id("SSPR-Pilot-Branch")), "{text}");
    let spec = load("pilot.yaml", text.as_bytes()).unwrap();
    assert_eq!(spec.tenant(), Some(bench.sandbox.tenant().tenant_id.to_string().as_str()));
}

#[tokio::test]
async fn a_name_that_several_groups_share_is_no_name() {
    let mut tenant = TenantState::seeded(Seed::Configured);
    tenant.groups[0].name = "SSPR-Pilot-Branch".to_owned();
    let bench = Bench::start(tenant).await;
    let (lines, text) = round_trip(&bench).await;
    assert_eq!(stated(&lines)["group"], json!(id("SSPR-Pilot-Branch")), "{text}");
}

/// A spec cannot say these; the file must say so.
#[tokio::test]
async fn what_a_spec_cannot_say_is_explained() {
    let mut tenant = TenantState::seeded(Seed::Configured);
    tenant.policy["passwordResetEnabledGroupIds"] = json!([id("SSPR-Pilot"), id("gone")]);
    tenant.policy["registrationRequiredOnSignIn"] = json!(false);
    tenant.policy["registrationReconfirmIntevalInDays"] = json!(731);
    let bench = Bench::start(tenant).await;
    let (_, text) = round_trip(&bench).await;
    let flat = text.replace("\n#", "").replace("\n  #", "");
    for said in [
        "a spec takes one group, in which others can be nested; the tenant names SSPR-Pilot (",
        "which the tenant no longer has",
        "it is selected, but the group is left out",
        "731 is out of range",
        "securityQuestions",
        "futureNested",
    ] {
        assert!(flat.contains(said), "not said: {said}\n{text}");
    }
}
