//! Whom rings bring in: every count against the tenant itself, and what is unknown where Graph does not tell.

use std::collections::BTreeSet;
use std::time::Duration;

use sspr::app::{self, PlanRequest, RingsRequest, Session, Silent};
use sspr::client::{ClientConfig, Cloud, Credentials, Endpoints, Pace, connect};
use sspr::outcome::{Besides, RingBoard};
use sspr::plan::Overrides;
use sspr::render::{rings, text};
use sspr::sandbox::tenant::{GeneratedUsers, Group, Licence, User, id};
use sspr::sandbox::{Sandbox, Seed, TenantState};
use sspr::spec_file::Spec;
use sspr::stop::Stop;
use sspr::store::StateDir;
use sspr::tenant::{PeopleOfRing, Share};
use uuid::Uuid;

use crate::common::{config, session, spec};

const RINGS: [&str; 4] = ["SSPR-Ring-IT", "SSPR-Ring-Office", "SSPR-Ring-Plants", "SSPR-Ring-All"];
const SIGN_INS: &str = "signInActivity";

fn rollout(open: usize) -> Spec {
    let rings: String = RINGS.iter().map(|name| format!("    - group: {name}\n")).collect();
    spec(&format!(
        "version: 1\ngroup: SSPR-Pilot\nmethods: {{required: 1, allowed: [email, mobile_phone]}}\nrollout:\n  open: {open}\n  rings:\n{rings}"
    ))
}

struct Place {
    sandbox: Sandbox,
    session: Session,
    _state: tempfile::TempDir,
}

impl Place {
    /// A tenant in which so many of the rings are open already, and a sign-in with these permissions; `None` is all.
    async fn new(mut tenant: TenantState, open: usize, permissions: Option<&str>) -> Self {
        pilot(&mut tenant).members.extend(RINGS[..open].iter().map(|name| id(name)));
        let sandbox = Sandbox::start(tenant).await.unwrap();
        sandbox.limit_reports(1000, Duration::from_millis(900));
        let token = permissions.map(|names| sandbox.graph_token_with(names));
        let token = token.unwrap_or_else(|| sandbox.graph_token().to_owned());
        let endpoints = Endpoints::new(Cloud::Public, Some(&sandbox.root()), Some(&sandbox.root())).unwrap();
        let credentials = Credentials::ready(token.into(), sandbox.portal_token().into()).unwrap();
        let reports = Pace { requests: 1000, per: Duration::from_secs(1) };
        let both = connect(&endpoints, credentials, &ClientConfig { reports, ..config() }).unwrap();
        let folder = crate::common::folder();
        let session = session(both, &StateDir::new(folder.path().to_owned()), Stop::default());
        Self { sandbox, session, _state: folder }
    }

    async fn board(&self, open: usize) -> RingBoard {
        let spec = &rollout(open);
        app::rings(&self.session, RingsRequest { spec, is_graph_only: true }, &Silent).await.unwrap()
    }

    fn asked(&self) -> Vec<String> {
        self.sandbox.take_requests().into_iter().map(|request| request.target).collect()
    }
}

fn pilot(tenant: &mut TenantState) -> &mut Group {
    tenant.groups.iter_mut().find(|group| group.name == "SSPR-Pilot").unwrap()
}

fn people(board: &RingBoard) -> Vec<PeopleOfRing> {
    board.rings.iter().map(|ring| ring.people.clone().unwrap()).collect()
}

fn shown(board: &RingBoard) -> String {
    let document = rings::document(board);
    anstream::adapter::strip_str(&text::blocks(&document.blocks, &text::Layout::default())).to_string()
}

/// Everyone in a group through all nesting, by walking it.
fn everyone(tenant: &TenantState, group: Uuid, met: &mut BTreeSet<Uuid>) -> Vec<User> {
    let Some(group) = tenant.group(group) else {
        let user = tenant.users.iter().find(|user| user.id == group);
        return user.filter(|user| met.insert(user.id)).cloned().into_iter().collect();
    };
    let generated = group.generated.iter().flat_map(|range| range.start..range.end);
    let generated = generated.filter(|i| met.insert(GeneratedUsers::id(*i)));
    let mut all: Vec<User> = generated.map(|i| tenant.generated.person(i)).collect();
    for member in &group.members {
        all.extend(everyone(tenant, *member, met));
    }
    all
}

/// What the rings should count, said once more by walking the groups.
fn expected(tenant: &TenantState, open: usize) -> Vec<PeopleOfRing> {
    let pilot = tenant.group(id("SSPR-Pilot")).unwrap();
    let mut in_pilot = BTreeSet::new();
    pilot.members.iter().for_each(|member| drop(everyone(tenant, *member, &mut in_pilot)));
    let mut before = BTreeSet::new();
    let ring = |(at, name): (usize, &&str)| {
        let all = everyone(tenant, id(name), &mut BTreeSet::new());
        let (members, mut new) = (all.len() as u64, all);
        new.retain(|user| before.insert(user.id) && (at < open || !in_pilot.contains(&user.id)));
        let count = |holds: &dyn Fn(&User) -> bool| new.iter().filter(|user| holds(user)).count() as u64;
        let can = |user: &User| user.is_enabled && !user.is_guest && user.roles.is_empty();
        let has = |user: &User, word: &str| user.methods.iter().any(|method| method == word);
        let is_covered = |user: &User| match user.licence {
            Licence::None => false,
            Licence::BusinessStandard => !user.is_synced,
            _ => true,
        };
        // No one knows whether passwords of synchronised accounts are written back.
        let is_ready = |user: &User| match has(user, "email") || has(user, "mobilePhone") {
            _ if !is_covered(user) => Some(false),
            _ if !user.is_reported => None,
            true if user.is_synced => None,
            is_enough => Some(is_enough),
        };
        // The policy, which the spec is not applied to yet, wants two methods.
        let is_unregistered = |user: &User| can(user) && (!user.is_reported || user.methods.len() < 2);
        let ready = |wanted| count(&|user| can(user) && is_ready(user) == wanted);
        PeopleOfRing {
            members,
            already_in: members - new.len() as u64,
            share: Share { ready: ready(Some(true)), not_ready: ready(Some(false)), unknown: ready(None) },
            unregistered: Some(count(&is_unregistered)),
            unreachable: Some(count(&|user| {
                is_unregistered(user) && user.days_since_sign_in.is_none_or(|days| days > 30)
            })),
            admins: Some(count(&|user| !user.roles.is_empty())),
            guests: Some(count(&|user| user.is_guest)),
            disabled: Some(count(&|user| !user.is_enabled)),
            unlicensed: Some(count(&|user| !is_covered(user))),
        }
    };
    RINGS.iter().enumerate().map(ring).collect()
}

/// The people of several rings are read at the same time; each counts in the first ring that has them.
#[tokio::test(flavor = "multi_thread")]
async fn rings_of_many_are_counted_as_the_tenant_has_them() {
    for open in [0, 2, 4] {
        let place = Place::new(TenantState::seeded(Seed::Rings).with_generated_users(4800), open, None).await;
        // Some are in two rings, or in the pilot group already.
        place.sandbox.edit(|tenant| {
            let generated =
                |name: &str, tenant: &TenantState| tenant.group(id(name)).unwrap().generated.clone();
            let (it, plants) = (generated(RINGS[0], tenant), generated(RINGS[2], tenant));
            let office = tenant.groups.iter_mut().find(|group| group.name == RINGS[1]).unwrap();
            office.generated.extend(it);
            let sales = tenant.groups.iter_mut().find(|group| group.name == "Sales").unwrap();
            sales.generated.extend(plants);
            pilot(tenant).members.push(id("Sales"));
        });
        let tenant = place.sandbox.tenant();
        let board = place.board(open).await;
        assert_eq!(people(&board), expected(&tenant, open), "{open}");
        let refused: Vec<_> =
            place.sandbox.take_requests().into_iter().filter(|request| request.status >= 400).collect();
        assert!(refused.is_empty(), "{refused:?}");
    }
}

#[tokio::test]
async fn whom_no_prompt_reaches_is_counted_of_each_ring_and_said() {
    let place = Place::new(TenantState::seeded(Seed::Rings), 1, None).await;
    let board = place.board(1).await;
    let tenant = place.sandbox.tenant();
    assert_eq!(people(&board), expected(&tenant, 1));
    let said = "Not registered, and no sign-in in 30 days, so that no prompt reaches them: 1 in SSPR-Ring-Office, 2 in \
                SSPR-Ring-Plants.";
    assert!(shown(&board).replace('\n', " ").contains(said), "{}", shown(&board));
}

const REFUSALS: [&str; 3] =
    ["error=403,Authentication_RequestFromNonPremiumTenantOrB2CTenant", "status=400", "status=501"];

/// Without a licence, or in a cloud whose Graph does not know it: everything else is counted.
#[tokio::test]
async fn who_has_signed_in_is_unknown_where_graph_refuses_it_and_the_rest_is_counted() {
    for refusal in REFUSALS {
        let place = Place::new(TenantState::seeded(Seed::Rings), 1, None).await;
        for name in RINGS {
            let rule = format!("GET /groups/{}/transitiveMembers {refusal} 1", id(name));
            place.sandbox.fail(rule.parse().unwrap());
        }
        let board = place.board(1).await;
        let expected = expected(&place.sandbox.tenant(), 1);
        let expected = expected.into_iter().map(|people| PeopleOfRing {
            unreachable: people.unreachable.filter(|_| people.unregistered == Some(0)),
            ..people
        });
        assert_eq!(people(&board), expected.collect::<Vec<_>>(), "{refusal}");
        let said = "Unknown how many of those not registered signed in within 30 days: that takes AuditLog.Read.All and Entra \
                    ID P1.";
        assert!(shown(&board).replace('\n', " ").contains(said), "{}", shown(&board));
        let json: serde_json::Value = serde_json::from_str(&rings::json(&board)).unwrap();
        assert_eq!(json["rings"][1]["people"]["unreachable"], serde_json::Value::Null);
    }
}

/// Tenants are known in which the same question is answered now and refused then.
#[tokio::test(flavor = "multi_thread")]
async fn who_has_signed_in_is_unknown_where_graph_refuses_it_on_the_way_and_no_one_is_lost() {
    let place = Place::new(TenantState::seeded(Seed::Rings).with_generated_users(6000), 0, None).await;
    let rule = format!("GET /groups/{}/transitiveMembers {} 3", id(RINGS[1]), REFUSALS[0]);
    place.sandbox.fail(rule.parse().unwrap());
    let (read, mut expected) = (people(&place.board(0).await), expected(&place.sandbox.tenant(), 0));
    assert_eq!(read[1].unreachable, None);
    expected[1].unreachable = None;
    assert_eq!(read, expected);
}

/// A field that is left out of everyone says nothing of anyone.
#[tokio::test]
async fn where_no_one_has_ever_signed_in_graph_did_not_tell() {
    let mut tenant = TenantState::seeded(Seed::Rings);
    tenant.users.iter_mut().for_each(|user| user.days_since_sign_in = None);
    let place = Place::new(tenant, 0, None).await;
    assert_eq!(people(&place.board(0).await)[1].unreachable, None);
}

/// A token that lacks the permission is not sent with the question; and who has no roll-out, or opens no ring, asks nothing.
#[tokio::test]
async fn sign_ins_are_asked_for_where_rings_are_counted_and_may_be_and_nowhere_else() {
    const READ: &str = "GroupMember.Read.All Organization.Read.All Policy.Read.All RoleManagement.Read.Directory User.Read.All";
    let place = Place::new(TenantState::seeded(Seed::Rings), 0, Some(READ)).await;
    let board = place.board(0).await;
    assert_eq!(board.rings[1].people.as_ref().unwrap().unreachable, None);
    assert!(place.asked().iter().all(|target| !target.contains(SIGN_INS)));
    let place = Place::new(TenantState::seeded(Seed::Rings), 1, None).await;
    for (spec, is_asked) in
        [(spec("version: 1\ngroup: SSPR-Pilot\n"), false), (rollout(1), false), (rollout(2), true)]
    {
        let request = PlanRequest { spec: &spec, is_graph_only: true, overrides: Overrides::default() };
        app::plan(&place.session, request, &Silent).await.unwrap();
        let asked = place.asked();
        assert_eq!(asked.iter().any(|target| target.contains(SIGN_INS)), is_asked);
        let of_pilot = format!("{}/members/microsoft.graph.user", id("SSPR-Pilot"));
        assert_eq!(asked.iter().any(|target| target.contains(&of_pilot)), is_asked, "{asked:#?}");
    }
}

/// An administrator sees that the testers are still there.
#[tokio::test]
async fn the_board_says_what_the_pilot_group_holds_besides_the_rings() {
    let mut tenant = TenantState::seeded(Seed::Rings);
    pilot(&mut tenant).members.extend([id("ivo"), id("Sales"), id("Contractors")]);
    let place = Place::new(tenant, 1, None).await;
    let board = place.board(1).await;
    let Besides { people: direct, groups } = &board.besides;
    let names: Vec<&str> = groups.iter().flatten().map(|group| group.display_name.as_str()).collect();
    assert_eq!((*direct, names), (Some(2), vec!["Sales", "Contractors"]));
    let said = "SSPR-Pilot also holds 2 people directly and 2 groups outside the roll-out (Sales, Contractors); sspr leaves them \
                there.";
    assert!(shown(&board).replace('\n', " ").contains(said), "{}", shown(&board));
    assert_eq!(people(&board), expected(&place.sandbox.tenant(), 1));
    // Where those cannot be told apart, all of the pilot group is read, and nobody is counted as new who is in it.
    place
        .sandbox
        .fail("GET /members/microsoft.graph.group error=403,Authorization_RequestDenied".parse().unwrap());
    let blind = place.board(1).await;
    assert_eq!(blind.besides, Besides::default());
    assert_eq!(people(&blind), people(&board));
    assert!(shown(&blind).contains("an unknown number of people directly"), "{}", shown(&blind));
}
