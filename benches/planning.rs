//! What planning itself costs, on the largest policy the service allows: 20 KB, every method, hundreds of groups.
//!
//! `cargo bench --bench planning`

// A program of its own, not the product.
#![allow(clippy::unwrap_used)]

use divan::{AllocProfiler, Bencher, black_box};
use serde_json::{Value, json};
use sspr::diff::{diff, resolve};
use sspr::plan::{Overrides, PlanOptions, plan};
use sspr::render::{self, text::Layout};
use sspr::sandbox::{Seed, TenantState};
use sspr::spec_file::{self, Spec};
use sspr::tenant::MemberCounts;
use sspr::tenant::{Group, MethodsPolicy, Object, Organization, Resource, Tenant};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

const PILOT: &str = include_str!("../examples/pilot.yaml");

fn pilot() -> Spec {
    spec_file::load("pilot.yaml", PILOT.as_bytes()).unwrap()
}

/// A method policy filled with groups up to the limit.
fn large_methods() -> Value {
    let mut methods = TenantState::seeded(Seed::Migrated).methods;
    for at in 0.. {
        if methods.to_string().len() > 20 * 1024 - 200 {
            break;
        }
        let all = methods["authenticationMethodConfigurations"].as_array_mut().unwrap();
        let method = at % all.len();
        let id = uuid::Uuid::from_u128(0x5c0f_fee5_0000_4000_8000_0000_0000_0000 + at as u128);
        if let Some(targets) = all[method]["includeTargets"].as_array_mut() {
            targets.push(json!({"targetType": "group", "id": id, "isRegistrationRequired": false}));
        }
    }
    methods
}

/// A tenant with that policy, and a group of 999 people.
fn large() -> Tenant {
    let (tenant, methods) = (TenantState::seeded(Seed::Migrated), large_methods());
    let words = [&["email", "mobilePhone"][..], &["microsoftAuthenticatorPush"], &[]];
    let registered = (0..999).map(|i| Some(words[i % 3].iter().map(|&word| word.to_owned()).collect()));
    let pilot = tenant.groups.iter().find(|group| group.name == "SSPR-Pilot").unwrap();
    Tenant {
        organization: Organization {
            id: tenant.tenant_id.into(),
            display_name: tenant.tenant_name.clone(),
            verified_domains: tenant.domains.clone(),
        },
        policy: Some(Object::from_json(Resource::PasswordReset, tenant.policy.clone()).unwrap()),
        writeback: None,
        authorization: None,
        methods: Some(MethodsPolicy::from_json(methods).unwrap()),
        group: Some(Group {
            id: pilot.id.into(),
            display_name: pilot.name.clone(),
            security_enabled: Some(true),
            hides_members: false,
            traits: Default::default(),
            members: Some(999),
            within: Some(Vec::new()),
        }),
        rings: Vec::new(),
        nested: None,
        people: MemberCounts {
            members: Some(999),
            registered: Some(registered.collect()),
            ..MemberCounts::default()
        },
    }
}

/// The same tenant once the pilot is there: nothing is left to change.
fn settled() -> Tenant {
    let (before, mut methods) = (large(), large_methods());
    let desired = resolve(&pilot(), &before);
    for method in methods["authenticationMethodConfigurations"].as_array_mut().unwrap() {
        let is_it = |object: &&Object| object.field("id") == method.get("id");
        if let Some(object) = desired.methods.desired.iter().find(is_it) {
            *method = object.to_json();
        }
    }
    Tenant { policy: desired.policy, methods: Some(MethodsPolicy::from_json(methods).unwrap()), ..before }
}

fn options() -> PlanOptions {
    PlanOptions { now: jiff::Timestamp::constant(1_795_305_600, 0), overrides: Overrides::default() }
}

#[divan::bench]
fn load_the_spec(bencher: Bencher<'_, '_>) {
    bencher.bench(|| spec_file::load("pilot.yaml", black_box(PILOT.as_bytes())).unwrap());
}

#[divan::bench]
fn parse_the_method_policy(bencher: Bencher<'_, '_>) {
    let text = large_methods().to_string();
    bencher.counter(divan::counter::BytesCount::of_str(&text)).bench(|| {
        let value: Value = serde_json::from_str(black_box(&text)).unwrap();
        MethodsPolicy::from_json(value).unwrap()
    });
}

#[divan::bench]
fn resolve_and_diff(bencher: Bencher<'_, '_>) {
    let (spec, tenant) = (pilot(), large());
    bencher.bench(|| diff(&resolve(black_box(&spec), black_box(&tenant)), &tenant));
}

#[divan::bench]
fn plan_with_findings(bencher: Bencher<'_, '_>) {
    let (spec, tenant) = (pilot(), large());
    bencher.bench(|| plan(black_box(&spec), black_box(&tenant), options()));
}

#[divan::bench]
fn plan_where_nothing_changes(bencher: Bencher<'_, '_>) {
    let (spec, tenant) = (pilot(), settled());
    assert!(plan(&spec, &tenant, options()).steps.is_empty());
    bencher.bench(|| plan(black_box(&spec), black_box(&tenant), options()));
}

#[divan::bench]
fn show_the_plan(bencher: Bencher<'_, '_>) {
    let plan = plan(&pilot(), &large(), options());
    bencher.bench(|| {
        (
            render::text::render(&render::plan::document(black_box(&plan)), &Layout::default()),
            render::json::plan(&plan),
        )
    });
}
