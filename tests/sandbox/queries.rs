//! What is asked in a query: understood as Graph understands it, or refused with Graph's error body.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sspr::sandbox::Seed;
use sspr::sandbox::tenant::id;

use super::routes::{Asked, Asker};

const REPORT: &str = "/v1.0/reports/authenticationMethods/userRegistrationDetails";

/// Asserts that this is an error as Graph tells one, in these words.
fn assert_refused(asked: &Asked, status: u16, said: &str, at: &str) {
    let error = &asked.body["error"];
    assert_eq!(asked.status, status, "{at}: {}", asked.body);
    assert!(error["message"].as_str().is_some_and(|message| message.contains(said)), "{at}: {}", asked.body);
    assert!(error["code"].is_string(), "{at}");
    assert_eq!(asked.headers["content-type"], "application/json", "{at}");
    for name in ["request-id", "client-request-id"] {
        assert_eq!(error["innerError"][name], asked.headers[name].to_str().unwrap(), "{at}: {name}");
    }
    assert!(error["innerError"]["date"].is_string(), "{at}");
}

fn names(asked: &Asked, property: &str) -> Vec<String> {
    let rows = asked.body["value"].as_array().unwrap_or_else(|| panic!("{}", asked.body));
    rows.iter().map(|row| row[property].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_graph_does_not_know_is_refused_on_every_list_and_object() {
    let asker = Asker::new(Seed::Migrated).await;
    asker.sandbox.limit_reports(1000, std::time::Duration::from_secs(1));
    let group = id("SSPR-Pilot");
    for path in [
        "/v1.0/me".to_owned(),
        "/v1.0/users".to_owned(),
        format!("/v1.0/users/{}", id("ada")),
        "/v1.0/groups".to_owned(),
        format!("/v1.0/groups/{group}"),
        format!("/v1.0/groups/{group}/members"),
        format!("/v1.0/groups/{group}/transitiveMembers"),
        format!("/v1.0/groups/{group}/transitiveMembers/microsoft.graph.user"),
        format!("/v1.0/groups/{group}/transitiveMemberOf"),
        format!("/v1.0/groups/{group}/memberOf/microsoft.graph.group"),
        "/v1.0/organization".to_owned(),
        "/v1.0/subscribedSkus".to_owned(),
        "/v1.0/directory/onPremisesSynchronization".to_owned(),
        "/v1.0/roleManagement/directory/roleAssignments".to_owned(),
        "/v1.0/roleManagement/directory/roleEligibilityScheduleInstances".to_owned(),
        "/v1.0/roleManagement/directory/roleDefinitions".to_owned(),
        "/v1.0/policies/authorizationPolicy".to_owned(),
        "/v1.0/policies/authenticationMethodsPolicy".to_owned(),
        REPORT.to_owned(),
        format!("{REPORT}/{}", id("ada")),
        "/v1.0/auditLogs/directoryAudits".to_owned(),
    ] {
        let ask = async |query: &str| asker.eventually(&format!("{path}?$count=true&{query}")).await;
        for (query, said) in [
            ("$select=id,nothing", "nothing"),
            ("$nonsense=1", "$nonsense"),
            ("nonsense=1", "nonsense"),
            ("$skip=1", "$skip"),
            ("$expand=nothing", ""),
            ("$filter=nothing%20eq%20'x'", ""),
            ("$top=0", ""),
            ("$top=x", ""),
            ("$top=1000", ""),
            ("$orderby=nothing", ""),
            ("$count=maybe", ""),
        ] {
            // What takes no `$count` refuses that, which is as good.
            let asked = ask(query).await;
            assert_refused(&asked, 400, "", &format!("{path}?{query}"));
            let bare = asker.eventually(&format!("{path}?{query}")).await;
            let is_index = bare.body["error"]["message"].as_str().unwrap_or_default().contains("OData cast");
            assert_refused(&bare, 400, if is_index { "" } else { said }, &format!("{path}?{query}"));
        }
    }
}

#[tokio::test]
async fn a_property_that_graph_has_and_the_sandbox_has_not_is_refused_as_such() {
    let asker = Asker::new(Seed::Fresh).await;
    for path in ["/v1.0/users?$select=usageLocation", "/v1.0/groups?$filter=mail%20eq%20'x'"] {
        assert_refused(&asker.graph(path).await, 501, "The sandbox does not serve", path);
    }
}

#[tokio::test]
async fn documented_filters_of_the_registration_report_are_applied() {
    let asker = Asker::new(Seed::Fresh).await;
    asker.sandbox.limit_reports(1000, std::time::Duration::from_secs(1));
    asker.sandbox.edit(|tenant| tenant.policy["numberOfAuthenticationMethodsRequired"] = json!(1));
    for (filter, expected) in [
        ("isSsprRegistered eq true", &["ada", "bola", "dana", "grace"][..]),
        ("isSsprCapable eq false", &["chen", "emil_fabrikam.com#EXT#", "ivo"]),
        ("isMfaRegistered eq true and isSsprRegistered eq true", &["ada", "bola", "dana", "grace"]),
        ("isSsprEnabled eq false", &[]),
        ("methodsRegistered/any(t:t eq 'email')", &["ada"]),
        ("methodsRegistered/any(x: x eq 'mobilePhone') and isMfaCapable eq true", &["ada", "dana", "grace"]),
        ("startsWith(userDisplayName,'Ada')", &["ada"]),
        ("userPrincipalName eq 'CHEN@contoso.onmicrosoft.com'", &["chen"]),
        ("startswith(userPrincipalName,'b') or userDisplayName eq 'Chen Wei'", &["bola", "chen"]),
    ] {
        let asked = asker.graph(&format!("{REPORT}?$filter={}", filter.replace(' ', "%20"))).await;
        let found = names(&asked, "userPrincipalName");
        let found: Vec<&str> =
            found.iter().filter_map(|name| name.strip_suffix("@contoso.onmicrosoft.com")).collect();
        assert_eq!(found, expected, "{filter}");
    }
    for filter in [
        "isSsprRegistered eq 'true'",
        "isSsprRegistered ne true",
        "isAdmin eq true",
        "lastUpdatedDateTime ge 2026-01-01T00:00:00Z",
        "methodsRegistered eq 'email'",
        "methodsRegistered/any(t:u eq 'email')",
        "contains(userPrincipalName,'a')",
        "isSsprRegistered gt true",
        "isSsprRegistered eq true and",
    ] {
        let asked = asker.graph(&format!("{REPORT}?$filter={}", filter.replace(' ', "%20"))).await;
        assert_refused(&asked, 400, "", filter);
    }
}

#[tokio::test]
async fn the_report_of_generated_people_is_filtered_row_by_row() {
    let asker = Asker::new(Seed::Fresh).await;
    asker.sandbox.edit(|tenant| *tenant = tenant.clone().with_generated_users(3000));
    let filter = "isSsprRegistered%20eq%20false%20and%20startswith(userPrincipalName,'adams')";
    let asked = asker.graph(&format!("{REPORT}?$filter={filter}&$top=999")).await;
    let rows = asked.body["value"].as_array().unwrap();
    assert!(rows.len() > 10 && rows.iter().all(|row| row["isSsprRegistered"] == false));
    let all = asker.graph(&format!("{REPORT}?$filter=startswith(userPrincipalName,'adams')&$top=999")).await;
    let unregistered =
        all.body["value"].as_array().unwrap().iter().filter(|row| row["isSsprRegistered"] == false);
    assert_eq!(unregistered.count(), rows.len());
}

#[tokio::test]
async fn groups_are_paged_counted_sorted_and_searched() {
    let asker = Asker::new(Seed::Fresh).await;
    let mut target = "/v1.0/groups?$top=2&$orderby=displayName%20desc&$select=displayName".to_owned();
    let mut found = Vec::new();
    loop {
        let asked = asker.graph(&target).await;
        let page = names(&asked, "displayName");
        assert!((1..=2).contains(&page.len()), "{page:?}");
        found.extend(page);
        let Some(next) = asked.body["@odata.nextLink"].as_str() else { break };
        target = next.strip_prefix(&asker.sandbox.root()).unwrap().to_owned();
    }
    let rings = ["SSPR-Ring-Plants", "SSPR-Ring-Office", "SSPR-Ring-IT"];
    let others =
        ["SSPR-Pilot-Branch", "SSPR-Pilot", "Sales", "Newsletter", "Everyone at Contoso", "Contractors"];
    let expected = [&rings[..], &others].concat();
    assert_eq!(found, expected);
    let counted = asker.eventually("/v1.0/groups?$count=true&$top=1").await;
    assert_eq!(counted.body["@odata.count"], 9);
    assert_eq!(asker.eventually("/v1.0/groups/$count").await.body, json!(9));
    let security = "/v1.0/groups?$filter=securityEnabled%20eq%20false&$select=displayName";
    assert_eq!(names(&asker.graph(security).await, "displayName"), ["Newsletter"]);
    let unified = "/v1.0/groups?$filter=groupTypes/any(c:c%20eq%20'Unified')";
    assert_eq!(names(&asker.graph(unified).await, "displayName"), ["Newsletter"]);
    let found = asker.eventually("/v1.0/groups?$search=%22displayName:pil%22").await;
    assert_eq!(names(&found, "displayName"), ["SSPR-Pilot", "SSPR-Pilot-Branch"]);
    let both = "%22displayName:pilot%22%20AND%20%22displayName:bra%22%20OR%20%22displayName:sales%22";
    let found = asker.eventually(&format!("/v1.0/groups?$search={both}")).await;
    assert_eq!(names(&found, "displayName"), ["SSPR-Pilot-Branch", "Sales"]);
}

#[tokio::test]
async fn what_the_index_answers_needs_the_header() {
    let asker = Asker::new(Seed::Fresh).await;
    let group = id("SSPR-Pilot");
    for target in [
        "/v1.0/groups?$search=%22displayName:pilot%22".to_owned(),
        "/v1.0/groups?$count=true".to_owned(),
        "/v1.0/groups/$count".to_owned(),
        "/v1.0/users/$count".to_owned(),
        "/v1.0/users?$filter=not(accountEnabled%20eq%20true)".to_owned(),
        "/v1.0/users?$filter=userType%20ne%20'Guest'".to_owned(),
        "/v1.0/groups?$filter=startswith(displayName,'S')&$orderby=displayName".to_owned(),
        format!("/v1.0/groups/{group}/transitiveMembers/$count"),
        format!("/v1.0/groups/{group}/members/graph.user"),
    ] {
        let asked = asker.graph(&target).await;
        assert_refused(&asked, 400, "", &target);
        assert_eq!(asked.body["error"]["code"], "Request_UnsupportedQuery", "{target}");
    }
    for broken in
        ["pilot", "%22pilot%22", "%22displayName:%22", "%22displayName:a%22%20XOR%20%22displayName:b%22"]
    {
        let asked = asker.eventually(&format!("/v1.0/groups?$search={broken}")).await;
        assert_refused(&asked, 400, "", broken);
    }
}

#[tokio::test]
async fn an_answer_names_what_it_holds() {
    let asker = Asker::new(Seed::Fresh).await;
    let group = id("SSPR-Pilot");
    for (target, context) in [
        ("/v1.0/me".to_owned(), "users/$entity"),
        ("/v1.0/users?$select=id,displayName".to_owned(), "users(id,displayName)"),
        (format!("/v1.0/groups/{group}"), "groups/$entity"),
        (format!("/v1.0/groups/{group}?$select=id"), "groups(id)/$entity"),
        (format!("/v1.0/groups/{group}/members"), "directoryObjects"),
        ("/v1.0/policies/authorizationPolicy".to_owned(), "policies/authorizationPolicy/$entity"),
        (format!("{REPORT}/{}", id("ada")), "reports/authenticationMethods/userRegistrationDetails/$entity"),
        (
            "/v1.0/roleManagement/directory/roleAssignments?$expand=principal".to_owned(),
            "roleManagement/directory/roleAssignments(principal())",
        ),
    ] {
        let asked = asker.graph(&target).await;
        assert_eq!(
            asked.body["@odata.context"],
            format!("https://graph.microsoft.com/v1.0/$metadata#{context}"),
            "{target}"
        );
    }
}

#[tokio::test]
async fn a_principal_comes_only_where_it_is_expanded() {
    let asker = Asker::new(Seed::Fresh).await;
    let path = "/v1.0/roleManagement/directory/roleAssignments";
    let plain = asker.graph(path).await;
    let rows = plain.body["value"].as_array().unwrap();
    assert!(!rows.is_empty() && rows.iter().all(|row| row.get("principal").is_none()), "{}", plain.body);
    let filter = format!("$filter=principalId%20eq%20'{}'", id("dana"));
    let expanded = asker.graph(&format!("{path}?$expand=principal,roleDefinition&{filter}")).await;
    let [row] = &expanded.body["value"].as_array().unwrap()[..] else { panic!("{}", expanded.body) };
    assert_eq!(row["principal"]["displayName"], "Dana Novák");
    assert_eq!(row["roleDefinition"]["displayName"], "Helpdesk Administrator");
    let nested = asker.graph(&format!("{path}?$expand=principal($select=id)")).await;
    assert_refused(&nested, 501, "inside $expand", path);
}

#[tokio::test]
async fn a_retired_feature_is_shown_by_the_beta_alone_and_survives_a_write() {
    let asker = Asker::new(Seed::Migrated).await;
    let of = async |version: &str| {
        let path = "policies/authenticationMethodsPolicy/authenticationMethodConfigurations";
        let one = asker.graph(&format!("/{version}/{path}/microsoftAuthenticator")).await;
        let whole = asker.graph(&format!("/{version}/policies/authenticationMethodsPolicy")).await;
        let has = |method: &Value| !method["featureSettings"]["numberMatchingRequiredState"].is_null();
        let all = whole.body["authenticationMethodConfigurations"].as_array().unwrap();
        assert!(
            all.iter().any(|method| method.get("featureSettings").is_none()),
            "{version} adds it to others"
        );
        (has(&one.body), all.iter().any(has), one.body)
    };
    let (one, all, method) = of("v1.0").await;
    assert_eq!((one, all), (false, false));
    let (one, all, before) = of("beta").await;
    assert_eq!((one, all), (true, true));
    let body = json!({"@odata.type": method["@odata.type"], "featureSettings": method["featureSettings"]});
    let target = "/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/microsoftAuthenticator";
    let json = [("content-type", "application/json")];
    let token = asker.sandbox.graph_token().to_owned();
    let patched = asker.ask(Method::PATCH, target, &token, &json, Some(&body.to_string())).await;
    assert_eq!(patched.status, StatusCode::NO_CONTENT);
    assert_eq!(of("beta").await.2, before);
}

#[tokio::test]
async fn the_audit_log_goes_on_behind_a_page() {
    let asker = Asker::new(Seed::Fresh).await;
    asker.sandbox.limit_reports(1000, std::time::Duration::from_secs(1));
    asker.sandbox.register("ada", &["email"]).unwrap();
    asker.sandbox.reset_password("ada").unwrap();
    let log = "/v1.0/auditLogs/directoryAudits";
    let all = names(&asker.graph(log).await, "id");
    let mut target = format!("{log}?$top=1");
    let mut found = Vec::new();
    while found.len() < 10 {
        let asked = asker.graph(&target).await;
        found.extend(names(&asked, "id"));
        let Some(next) = asked.body["@odata.nextLink"].as_str() else { break };
        target = next.strip_prefix(&asker.sandbox.root()).unwrap().to_owned();
        // What is logged in the meantime comes before it.
        asker.sandbox.register("bola", &["email"]).unwrap();
    }
    assert!(all.len() > 1);
    assert_eq!(found, all);
    let filter = format!("$filter=initiatedBy/user/id%20eq%20'{}'", id("ada"));
    assert_eq!(names(&asker.graph(&format!("{log}?{filter}")).await, "id"), all);
}

#[tokio::test]
async fn a_filter_nested_without_end_is_refused_and_the_next_request_answered() {
    let asker = Asker::new(Seed::Fresh).await;
    for open in ["(", "not%20", "not("] {
        let asked = asker.eventually(&format!("/v1.0/groups?$filter={}", open.repeat(9000))).await;
        assert_refused(&asked, 400, "filter clause", open);
    }
    assert_eq!(asker.graph("/v1.0/groups").await.status, StatusCode::OK);
}

#[tokio::test]
async fn not_is_taken_where_ne_is() {
    let asker = Asker::new(Seed::Fresh).await;
    for target in [
        format!("{REPORT}?$filter=not(isMfaCapable%20eq%20true)"),
        "/v1.0/auditLogs/directoryAudits?$filter=not(result%20eq%20'success')".to_owned(),
        "/v1.0/auditLogs/directoryAudits?$filter=not(startswith(activityDisplayName,'a'))".to_owned(),
    ] {
        assert_refused(&asker.eventually(&target).await, 400, "filter clause", &target);
    }
    let target = "/v1.0/groups?$count=true&$filter=not(groupTypes/any(t:t%20eq%20'Unified'))";
    assert_eq!(asker.eventually(target).await.body["@odata.count"], 8);
}

#[tokio::test]
async fn filters_on_absent_properties_behave_as_in_graph() {
    let asker = Asker::new(Seed::Fresh).await;
    for (filter, expected) in [
        ("mail eq 'ada@contoso.com'", 0),
        ("mail eq 'ada@contoso.onmicrosoft.com'", 1),
        ("mail eq null", 1),
        ("jobTitle eq null", 2),
        ("startswith(surname,'L')", 0),
    ] {
        let filter = filter.replace(' ', "%20");
        let asked = asker.graph(&format!("/v1.0/users?$top=2&$select=id&$filter={filter}")).await;
        assert_eq!(names(&asked, "id").len(), expected, "{filter}");
    }
    assert_refused(&asker.graph("/v1.0/users?$orderby=displayName").await, 501, "in an order", "displayName");
}

#[tokio::test]
async fn a_page_begins_only_where_one_has_ended() {
    let asker = Asker::new(Seed::Fresh).await;
    asker.sandbox.limit_reports(1000, std::time::Duration::from_secs(1));
    let members = format!("/v1.0/groups/{}/members", id("SSPR-Pilot"));
    for list in ["/v1.0/users", "/v1.0/groups", &members, REPORT] {
        for forged in ["x", "~x", "~0", "~99", "~18446744073709551615", ""] {
            let target = format!("{list}?$skiptoken={forged}");
            assert_refused(&asker.graph(&target).await, 400, "skip token", &target);
        }
    }
}
