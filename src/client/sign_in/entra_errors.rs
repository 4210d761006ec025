//! What Entra's sign-in errors (AADSTS codes) mean to an administrator, and what to type next.
//!
//! Codes: <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>

use super::choice::Environment;
use crate::tenant::graph_permissions::MAY_CONSENT;

/// What a sign-in error comes down to. `{login}` and the like stand for the sign-in's own values.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    codes: &'static [u32],
    /// What is wrong, one sentence.
    pub(super) meaning: &'static str,
    /// What to do.
    next: &'static str,
    /// What to do where a client of the tenant's own signs in.
    pub(super) own: &'static str,
}

const fn row(codes: &'static [u32], meaning: &'static str, next: &'static str) -> Row {
    Row { codes, meaning, next, own: next }
}

const LOGIN: &str = "run `{login}`";
const LOGIN_TENANT: &str = "run `{login-tenant}`";
const LOGS: &str = "look the sign-in up under Entra ID > Sign-in logs > Conditional Access";
const NOT_CONSENTED: &str = "no one has consented in this tenant to what this program asks for";
const CONSENT: &str = "have a {may-consent} consent at {consent}, then run `{login}`";
const REGISTERED: &str = "run `az ad app update --id {client} --is-fallback-public-client true \
                          --public-client-redirect-uris http://localhost`, then `{login}`";
const NEW_SECRET: &str =
    "make a new secret (`az ad app credential reset --id {client}`) and set AZURE_CLIENT_SECRET to its value";
const FEDERATION: &str =
    "compare issuer, subject and audience with `az ad app federated-credential list --id {client}`";
static TABLE: [Row; 32] = [
    row(&[65001], NOT_CONSENTED, LOGIN_TENANT).own(CONSENT),
    row(&[90094, 90095], NOT_CONSENTED, "have a {may-consent} consent to it: Entra ID > Enterprise applications > Admin consent requests").own(CONSENT),
    row(&[65002], "Microsoft lets this program ask for none of this, and no consent changes that", "run `sspr login --setup`, once in this tenant, then `sspr login`").own("use a registration of your own: `sspr login --setup` makes one, `sspr login --client-id ID` takes one"),
    row(&[65004], "consent was declined", "run `{login}` again and accept it, or have an administrator consent for you"),
    row(&[7000218], "the application allows no public client flow, or has its redirect under Web", REGISTERED),
    row(&[700025], "the application is a public client, which has no secret, and one was sent", "unset AZURE_CLIENT_SECRET and AZURE_CLIENT_CERTIFICATE_PATH, or set AZURE_CLIENT_ID to the application they belong to"),
    row(&[50011, 500113, 9002327], "the application lacks the redirect http://localhost", REGISTERED),
    row(&[700007], "the saved sign-in is another client's, and clients do not share theirs", LOGIN).own("run `sspr logout --tenant {tenant}`, then `{login}`"),
    row(&[70016], "no one has finished the sign-in in the browser yet", "open the page, type the code, and run the command again"),
    row(&[50076, 50074, 50158], "the tenant asks for a second factor (multifactor authentication), and the saved sign-in has none", LOGIN),
    row(&[50079, 50072], "the tenant asks for a second factor (multifactor authentication), and this account has not set one up", "register at https://aka.ms/mysecurityinfo, then run `{login}`"),
    row(&[53003], "a Conditional Access policy blocks this sign-in", "{browser}look the sign-in up under Entra ID > Sign-in logs > Conditional Access"),
    row(&[530084], "a Conditional Access policy asks for token protection, which no browser sign-in gives", "on Windows run `az config set core.enable_broker_on_windows=true`, then `{login}`; else have the policy leave out this account or the Azure CLI").own(LOGS),
    row(&[53000, 53001, 53002, 530003], "a Conditional Access policy asks for a managed or compliant device", "{browser}run `{login}` on a device the organisation manages"),
    row(&[53004, 530032, 530035], "a security policy of the tenant blocks this sign-in", "look it up in the Entra sign-in logs with the ids in the message"),
    row(&[7000215], "the client secret is wrong", "set AZURE_CLIENT_SECRET to the secret's value, not its id; if it is lost: `az ad app credential reset --id {client}`"),
    row(&[7000222], "the client secret has expired", NEW_SECRET),
    row(&[700016], "there is no such application in this tenant", "check AZURE_CLIENT_ID and AZURE_TENANT_ID; `az ad app show --id {client}` finds it where it is").own("check --client-id and --tenant; `az ad app show --id {client}` finds it where it is"),
    row(&[700027, 700030], "the certificate is not the one registered on the application, or has expired", "compare thumbprints: `az ad app credential list --id {client} --cert`"),
    row(&[700024], "the signed assertion is outside its time: the clock of this machine is wrong", "set the clock, then run the command again"),
    row(&[70021, 700211, 700212, 700213, 70025, 700223], "the application does not trust this workflow: no federated credential matches its token", FEDERATION),
    row(&[90002, 900023, 900021], "there is no such tenant in this cloud", "check AZURE_TENANT_ID and --cloud").own("check --tenant and --cloud"),
    row(&[50020], "this account belongs to another organisation and is not a guest in the tenant", LOGIN_TENANT),
    row(&[50034, 51004], "there is no such account in the tenant", LOGIN_TENANT),
    row(&[50105], "the account or application is not assigned to the service it asks for", "assign it under Entra ID > Enterprise applications > Users and groups").own("assign it under Entra ID > Enterprise applications > {client} > Users and groups"),
    row(&[50053], "the account is locked, or comes from an address known for attacks", "unlock it, or wait, then run `{login}`"),
    row(&[50055, 50126, 50056], "the password is wrong or has expired", LOGIN),
    row(&[50057], "the account is disabled", "sign in with another account: `{login}`"),
    row(&[700082, 700084, 70043, 70008, 700081], "the saved sign-in is too old", LOGIN),
    row(&[50173, 50133, 50132, 700003], "the saved sign-in was revoked: a password, a device or the account changed since", "run `az logout`, then `{login}`").own(LOGIN),
    row(&[500011, 650052, 500014], "the service asked for does not exist in this tenant or cloud, or is switched off there", "check --cloud, and that the sign-in is for the right tenant: `az account show`"),
    row(&[16000, 50058, 50059, 90072], "the account or tenant is ambiguous", LOGIN_TENANT),
];

impl Row {
    const fn own(self, own: &'static str) -> Self {
        Self { own, ..self }
    }

    /// Returns what to do where the environment or the Azure CLI signs in.
    pub(super) fn next(&self, scope: &str, environment: &Environment) -> String {
        let (named, client) = (environment.tenant(), environment.get("AZURE_CLIENT_ID"));
        let is_of_tenant = self.codes.iter().any(|code| NOT_IN_TENANT.contains(code));
        let culprit = environment.own_tenant().filter(|_| is_of_tenant).map(|tenant| {
            let tenant = crate::text::excerpt(tenant, 100);
            format!(
                "AZURE_TENANT_ID is `{tenant}`, so that is where it was looked for: set it to the right tenant, or unset \
                 it; else "
            )
        });
        let scope = format!(" --scope {scope}");
        let login_tenant = environment.az_login(named.or(Some("TENANT")), &scope);
        let login = match environment.is_of_fleet() {
            true => login_tenant.clone(),
            false => environment.az_login(None, &scope),
        };
        let browser = format!("if this was device code, run `{login}` with a browser on this machine; else ");
        let values = [
            ("login", login.as_str()),
            ("login-tenant", &login_tenant),
            ("browser", &browser),
            ("client", client.unwrap_or("CLIENT-ID")),
            ("tenant", named.unwrap_or("TENANT")),
        ];
        let of_fleet = IN_A_FLEET.iter().find(|(codes, _)| self.codes == *codes);
        let next = of_fleet.filter(|_| environment.is_of_fleet()).map_or(self.next, |(_, next)| next);
        culprit.unwrap_or_default() + &filled(next, &values)
    }
}

/// Puts values in the places of their names.
pub(super) fn filled(next: &str, values: &[(&str, &str)]) -> String {
    let next = next.replace("{may-consent}", MAY_CONSENT);
    values.iter().fold(next, |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

/// What to do in a fleet instead, where the application is the same in each tenant and the file names them.
const IN_A_FLEET: [(&[u32], &str); 2] = [
    (
        &[700016],
        "have a {may-consent} of that tenant consent to the application: https://login.microsoftonline.com/{tenant}/adminconsent?client_id={client}",
    ),
    (&[90002, 900023, 900021], "check the tenant's name in the fleet file, and --cloud"),
];

/// Codes that say that the tenant, or something in it, was not found where it was looked for.
const NOT_IN_TENANT: [u32; 7] = [90002, 900021, 900023, 700016, 50020, 50034, 51004];

/// Finds the first `AADSTS` code in what the sign-in said, and explains it where it is known.
pub(super) fn explain(said: &str) -> Option<&'static Row> {
    codes(said).find_map(|number| TABLE.iter().find(|row| row.codes.contains(&number)))
}

/// Returns the numbers of the `AADSTS` codes in what the sign-in said.
pub(super) fn codes(said: &str) -> impl Iterator<Item = u32> {
    said.match_indices("AADSTS").filter_map(|(at, _)| {
        let digits: String = said[at + 6..].chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::AzureConfig;

    fn environment(tenant: Option<&str>) -> Environment {
        let nothing = Environment::default();
        tenant.map_or(nothing.clone(), |tenant| nothing.with_variable("AZURE_TENANT_ID", tenant))
    }

    #[test]
    fn in_a_fleet_the_file_names_the_tenant_and_each_has_a_folder_of_its_own() {
        let config = AzureConfig { folder: "/srv/az/fabrikam.example".into(), is_there: true };
        let fleet = Environment::default()
            .with_variable("AZURE_CLIENT_ID", "C")
            .of_fleet("fabrikam.example", Some(config));
        let next = |code: u32| explain(&format!("AADSTS{code}: x")).unwrap().next("S", &fleet);
        assert!(next(700016).ends_with("/fabrikam.example/adminconsent?client_id=C"), "{}", next(700016));
        for code in NOT_IN_TENANT {
            assert!(!next(code).contains("AZURE_TENANT_ID"), "{}", next(code));
        }
        let login = match cfg!(windows) {
            true => "$env:AZURE_CONFIG_DIR = '/srv/az/fabrikam.example'; az login --tenant fabrikam.example",
            false => "AZURE_CONFIG_DIR=/srv/az/fabrikam.example az login --tenant fabrikam.example",
        };
        for code in [50020, 50076, 65001] {
            assert!(next(code).contains(login), "{}", next(code));
        }
    }

    #[test]
    fn every_code_an_administrator_meets_has_a_sentence_and_a_command() {
        for code in
            // Those of facts sign-in.md 6, and others.
            [
                65001, 65002, 65004, 90094, 50105, 700016, 7000218, 700025, 50011, 500113, 53003, 53000,
                50076, 50079, 70043, 700082, 50173, 700007, 70016, 50020, 530084, 7000215, 7000222, 90002,
                50034,
            ]
        {
            let said = format!("invalid_grant: AADSTS{code}: Foreign words. Trace ID: x");
            let explanation = explain(&said).unwrap_or_else(|| panic!("{code}"));
            let next = explanation.next("S/.default", &environment(Some("T")));
            assert!(!next.contains('{') && !explanation.meaning.ends_with('.'), "{next}");
        }
    }

    #[test]
    fn a_tenant_that_was_named_is_the_first_suspect_where_something_is_not_there() {
        let next =
            |code: u32, tenant| explain(&format!("AADSTS{code}: x")).unwrap().next("S", &environment(tenant));
        for code in NOT_IN_TENANT {
            let named = next(code, Some("fabrikam.example"));
            assert!(named.starts_with("AZURE_TENANT_ID is `fabrikam.example`"), "{named}");
            assert!(!next(code, None).contains("AZURE_TENANT_ID is"), "{code}");
        }
        assert!(!next(50076, Some("fabrikam.example")).contains("AZURE_TENANT_ID"));
        assert!(next(65001, Some("contoso.com")).contains("az login --tenant contoso.com"));
    }

    #[test]
    fn no_code_is_in_two_rows() {
        let mut codes: Vec<u32> = TABLE.iter().flat_map(|row| row.codes.iter().copied()).collect();
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), count);
    }

    #[test]
    fn every_code_is_in_the_document() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/troubleshooting.md");
        let page = std::fs::read_to_string(page).unwrap();
        let words: Vec<&str> = page.split(|c: char| !c.is_ascii_digit()).collect();
        for code in TABLE.iter().flat_map(|row| row.codes) {
            assert!(words.contains(&code.to_string().as_str()), "AADSTS{code}");
        }
    }

    #[test]
    fn an_unknown_code_stays_unexplained() {
        assert_eq!(explain("AADSTS1: nothing known"), None);
        assert_eq!(explain("AADSTS: nothing"), None);
        assert_eq!(explain("no code"), None);
    }
}
