//! Any bytes as a spec: valid, or problems with places that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    match sspr::spec_file::load("pilot.yaml", bytes) {
        Ok(spec) => {
            assert!(spec.scope().is_none() || spec.value("scope").is_some() || spec.group().is_some());
            assert!(spec.required().is_none_or(|required| (1..=2).contains(&required)));
            assert!(spec.allowed().is_none_or(|allowed| !allowed.is_empty()));
        }
        Err(error) => {
            let shown = error.render(false);
            assert!(!shown.contains('\u{1b}'), "{shown:?}");
            assert!(!error.problems().is_empty());
            let _ = error.render(true);
        }
    }
});
