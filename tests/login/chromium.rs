//! Once through a real browser, which `sspr login` opens itself: the form comes back across sites, to `localhost`.

use super::{LOGIN, machine, program};
use crate::common::Login;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium; .ci/log-in runs it"]
async fn someone_clicks_through_in_chromium() {
    let (_sandbox, authority, scene) = machine().await;
    authority.ledger().clicks = true;
    let page = scene.path().join("page.html");
    let script = format!(
        "HOME={home} exec chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
         --disable-background-networking --ignore-certificate-errors --user-data-dir={home}/profile --timeout=10000 \
         --dump-dom \"$1\" > {page} 2> {home}/browser.log",
        home = scene.path().display(),
        page = page.display(),
    );
    program(&scene, "browse", &script);
    let scene = scene.env("BROWSER", "browse");
    let args: Vec<&str> = LOGIN.into_iter().filter(|arg| *arg != "--no-browser").collect();
    let mut login = Login::start(&scene, &args);
    login.address();
    let shown = login.finish().code(0);
    authority.assert_no_secret(&shown);
    crate::common::until(|| std::fs::read_to_string(&page).is_ok_and(|page| page.contains("</html>"))).await;
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("Signed in to sspr"), "{page}");
}
