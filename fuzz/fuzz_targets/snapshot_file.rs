//! Any bytes as a snapshot: refused, or read by a plan, an import and a look at the people; nothing in it can panic them.
#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use sspr::app::observe::{SurfaceSelection, fetch_inventory, find, observe};
use sspr::client::{ClientConfig, Cloud, Endpoints, connect_snapshot};
use sspr::plan::{PlanOptions, plan};
use sspr::spec_file::{Spec, load};
use sspr::tenant::Snapshot;
use tokio::runtime::Runtime;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());
static SPEC: LazyLock<Spec> = LazyLock::new(|| {
    let text = "version: 1\ngroup: SSPR-Pilot\nmethods: {required: 1, allowed: [email, mobile_phone]}\n\
                writeback: {enabled: true}\nadministrators: {allow_sspr: true}\n\
                rollout:\n  open: 1\n  rings:\n    - group: SSPR-Ring-IT\n";
    load("pilot.yaml", text.as_bytes()).unwrap()
});

fuzz_target!(|bytes: &[u8]| {
    let _ = Snapshot::parse(bytes);
    // A forged digest gets past the first check, so that the others are reached.
    let Ok(Value::Object(mut document)) = serde_json::from_slice::<Value>(bytes) else { return };
    document.insert("format".to_owned(), json!("sspr.snapshot/1"));
    document.entry("taken").or_insert(json!("1970-01-01T00:00:00Z"));
    document.entry("people").or_insert(json!(true));
    document.entry("tenant").or_insert(json!({"id": "204a15ea-fa2c-550c-86c1-f84caa53d849"}));
    let mut document = Value::Object(document);
    document["digest"] = json!(sspr::digest::of_document(&document));
    let Ok(snapshot) = Snapshot::parse(document.to_string().as_bytes()) else { return };
    assert_eq!(Snapshot::parse(snapshot.text().as_bytes()).as_ref(), Ok(&snapshot));
    let endpoints = Endpoints::new(Cloud::Public, None, None).unwrap();
    let (reader, _) = connect_snapshot(Arc::new(snapshot), &endpoints, &ClientConfig::default()).unwrap();
    RUNTIME.block_on(async {
        if let Ok(observed) = observe(&reader, &SPEC, SurfaceSelection::BestEffort).await {
            let _ = plan(&SPEC, &observed.tenant, PlanOptions::unguarded(jiff::Timestamp::UNIX_EPOCH));
        }
        let _ = fetch_inventory(&reader, true).await;
        let _ = find(&reader, &SPEC, SurfaceSelection::BestEffort).await;
    });
});
