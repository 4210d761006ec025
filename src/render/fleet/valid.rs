//! The results of `fleet validate`.

use serde::Serialize;

use crate::digest::bare;
use crate::plan::{Finding, FleetFinding};
use crate::render::document::{Block, Document, Item, Items, Line, Names, code, line};
use crate::render::plan::items;
use crate::spec_file::fleet::{Fleet, FleetTenant, OwnKey};
use crate::text::{counted, enumerated};

/// How many tenants with settings of their own are listed; the JSON document has all.
const LISTED: usize = 20;

/// Returns the document: the file is right, which tenants are in which wave and get something of their own, and what a
/// reviewer should know.
pub fn valid(fleet: &Fleet, findings: &[FleetFinding]) -> Document {
    let claim = line![code(fleet.path()), " is a valid fleet file"];
    let findings: Vec<&Finding> = findings.iter().map(|found| &found.finding).collect();
    let told = Block::Section(line!["Findings"].into(), vec![Block::Items(items(&findings, |_| None))]);
    Document {
        title: line!["sspr fleet validate: ", claim.clone()],
        note: line!["Nothing was sent."],
        blocks: [waves(fleet)]
            .into_iter()
            .chain(own(fleet))
            .chain((!findings.is_empty()).then_some(told))
            .collect(),
        closing: line![claim, format!(": {}. Nothing was sent.", counted(fleet.tenants().len(), "tenant"))],
        ..Document::default()
    }
}

fn waves(fleet: &Fleet) -> Block {
    let rows = fleet.waves().iter().enumerate().map(|(at, wave)| {
        let tenants = tenants_in(fleet, wave);
        let written = match (tenants, at) {
            (0, _) => "no tenant is in it",
            (1, _) => "",
            (_, 0) => "one tenant at a time",
            _ => "several tenants at a time",
        };
        vec![line![wave], line![tenants.to_string()], line![written]]
    });
    Block::Table(&["wave", "tenants", "written"], rows.collect())
}

fn tenants_in(fleet: &Fleet, wave: &str) -> usize {
    fleet.tenants().iter().filter(|tenant| tenant.wave == wave).count()
}

/// Returns the tenants that get something else than all, and the keys of that; `None` where there are none.
fn own(fleet: &Fleet) -> Option<Block> {
    let mut own = fleet
        .tenants()
        .iter()
        .map(|tenant| (tenant, fleet.own_keys(tenant)))
        .filter(|(_, keys)| !keys.is_empty());
    let listed: Vec<Item> = own.by_ref().take(LISTED).map(|(tenant, keys)| item(tenant, &keys)).collect();
    let more = own.count();
    let more =
        (more > 0).then(|| Block::Lines(vec![line![format!("And {}.", counted(more, "more tenant"))]]));
    let items = Items { names: Names::Column, ..Items::new(&["tenant", "its own"], listed.into_iter()) };
    let blocks: Vec<Block> = [Block::Items(items)].into_iter().chain(more).collect();
    let is_any = !matches!(&blocks[0], Block::Items(items) if items.items.is_empty());
    is_any.then(|| Block::Section(line!["Tenants with settings of their own"].into(), blocks))
}

fn item(tenant: &FleetTenant, keys: &[OwnKey]) -> Item {
    let named = |is_managed: bool| -> Vec<&str> {
        keys.iter().filter(|own| own.is_managed == is_managed).map(|own| own.key).collect()
    };
    let (set, unset) = (named(true), named(false));
    let mut text = Line::default();
    if !set.is_empty() {
        text = line![enumerated(&set)];
    }
    if !unset.is_empty() {
        let comma = if set.is_empty() { "" } else { "; " };
        text = line![text, format!("{comma}unmanaged: {}", enumerated(&unset))];
    }
    Item { name: line![code(&tenant.tenant)], text, ..Item::default() }
}

#[derive(Serialize)]
struct FleetValidV1<'a> {
    format: &'static str,
    fleet: FileV1<'a>,
    valid: bool,
    waves: Vec<WaveV1<'a>>,
    tenants: Vec<TenantV1<'a>>,
    findings: Vec<FindingV1<'a>>,
}

#[derive(Serialize)]
struct FileV1<'a> {
    path: &'a str,
    sha256: &'a str,
}

#[derive(Serialize)]
struct WaveV1<'a> {
    wave: &'a str,
    tenants: usize,
}

#[derive(Serialize)]
struct TenantV1<'a> {
    tenant: &'a str,
    wave: &'a str,
    /// Of the spec that it gets.
    sha256: &'a str,
    line: usize,
    /// The keys in which it gets something else than all.
    own: Vec<&'static str>,
    /// Those of them that are unmanaged here alone.
    unmanaged: Vec<&'static str>,
}

#[derive(Serialize)]
struct FindingV1<'a> {
    #[serde(flatten)]
    finding: &'a Finding,
    line: Option<usize>,
}

impl<'a> FindingV1<'a> {
    fn new(found: &'a FleetFinding) -> Self {
        Self { finding: &found.finding, line: found.place.map(|place| place.line) }
    }
}

/// Returns the answer of `fleet validate` as `sspr.fleet-valid/1`.
pub fn valid_json(fleet: &Fleet, findings: &[FleetFinding]) -> String {
    let tenant = |tenant| tenant_v1(fleet, tenant);
    crate::render::json::document(&FleetValidV1 {
        format: "sspr.fleet-valid/1",
        fleet: FileV1 { path: fleet.path(), sha256: fleet.sha256() },
        valid: true,
        waves: fleet.waves().iter().map(|wave| WaveV1 { wave, tenants: tenants_in(fleet, wave) }).collect(),
        tenants: fleet.tenants().iter().map(tenant).collect(),
        findings: findings.iter().map(FindingV1::new).collect(),
    })
}

fn tenant_v1<'a>(fleet: &Fleet, tenant: &'a FleetTenant) -> TenantV1<'a> {
    let own = fleet.own_keys(tenant);
    TenantV1 {
        tenant: &tenant.tenant,
        wave: &tenant.wave,
        sha256: bare(tenant.spec.sha256()),
        line: tenant.place.line,
        own: own.iter().map(|own| own.key).collect(),
        unmanaged: own.iter().filter(|own| !own.is_managed).map(|own| own.key).collect(),
    }
}

#[derive(Serialize)]
struct ShownV1<'a> {
    format: &'static str,
    fleet: FileV1<'a>,
    #[serde(flatten)]
    tenant: TenantV1<'a>,
    /// The file's text.
    spec: String,
}

/// Returns what one tenant gets as `sspr.fleet-tenant/1`.
pub fn shown_json(fleet: &Fleet, tenant: &FleetTenant) -> String {
    crate::render::json::document(&ShownV1 {
        format: "sspr.fleet-tenant/1",
        fleet: FileV1 { path: fleet.path(), sha256: fleet.sha256() },
        tenant: tenant_v1(fleet, tenant),
        spec: tenant.spec.to_yaml(),
    })
}
