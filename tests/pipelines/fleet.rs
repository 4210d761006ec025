//! The example pipelines for many tenants: what they take from `fleet matrix`, and what they hand to `fleet`.

use std::fs;

use serde_json::{Value, json};

use crate::common::{Scene, repository};

fn parsed(path: &str) -> Value {
    serde_yaml::from_str(&fs::read_to_string(repository(path)).unwrap()).unwrap()
}

/// Returns the matrix of the example's own fleet, in as many jobs as the examples use.
fn matrix(pipeline: &str) -> Value {
    let fleet = fs::read_to_string(repository("examples/fleet.yaml")).unwrap();
    let scene = Scene::new().file("fleet.yaml", fleet);
    let printed = scene.run(&["fleet", "matrix", "--shards", "8", "--for", pipeline]).code(0);
    serde_json::from_str(&printed.stdout).unwrap()
}

fn step<'a>(steps: &'a Value, with: &str) -> &'a Value {
    steps
        .as_array()
        .unwrap()
        .iter()
        .find(|step| step.to_string().contains(with))
        .unwrap_or_else(|| panic!("{with}"))
}

#[test]
fn github_runs_the_matrix_that_is_printed() {
    let workflow = parsed("examples/github/fleet.yml");
    let (canary, rest, result) =
        (&workflow["jobs"]["canary"], &workflow["jobs"]["rest"], &workflow["jobs"]["result"]);
    assert_eq!(rest["strategy"]["matrix"], "${{ fromJSON(needs.canary.outputs.matrix) }}");
    assert_eq!((&rest["needs"], &rest["strategy"]["fail-fast"]), (&json!("canary"), &json!(false)));
    assert_eq!(canary["outputs"]["matrix"], "${{ steps.matrix.outputs.matrix }}");
    let prints = step(&canary["steps"], "fleet matrix");
    assert!(prints["id"] == "matrix" && prints["run"].as_str().unwrap().contains("--shards 8 "), "{prints}");
    // Every name that the job reads from the matrix is in it.
    let applies = step(&rest["steps"], "fleet apply");
    assert_eq!(applies["env"]["SHARD"], "${{ matrix.shard }}");
    let jobs = matrix("github");
    let jobs = jobs["include"].as_array().unwrap();
    assert!(jobs.len() == 8 && jobs.iter().all(|job| job["shard"].is_string()), "{jobs:?}");
    // The table is made whatever became of the rest, and of everything they left.
    assert_eq!((&result["if"], &result["needs"]), (&json!("always()"), &json!(["canary", "rest"])));
    let fetched = &step(&result["steps"], "download-artifact")["with"];
    assert_eq!((&fetched["pattern"], &fetched["path"]), (&json!("result-*"), &json!("results")));
    for job in [canary, rest] {
        let kept = step(&job["steps"], "\"result-");
        assert!(kept.is_object() && step(&job["steps"], "upload-artifact")["if"] == "always()", "{job}");
    }
}

#[test]
fn azure_pipelines_runs_the_matrix_that_is_printed() {
    let pipeline = parsed("examples/azure-pipelines/fleet.yml");
    let stages = pipeline["stages"].as_array().unwrap();
    let jobs = stages[1]["jobs"].as_array().unwrap();
    let [prints, rest] = jobs.as_slice() else { panic!("{jobs:?}") };
    assert_eq!(rest["strategy"]["matrix"], "$[ dependencies.Matrix.outputs['shards.matrix'] ]");
    assert_eq!((&prints["job"], &rest["dependsOn"]), (&json!("Matrix"), &json!("Matrix")));
    let prints = step(&prints["steps"], "fleet matrix");
    assert!(
        prints["name"] == "shards"
            && prints["bash"].as_str().unwrap().contains("variable=matrix;isOutput=true")
    );
    let given = &step(&rest["steps"], "fleet-apply.yml")["parameters"];
    assert_eq!(given["tenants"], "--shard $(shard) --wave early --wave rest");
    let printed = matrix("azure");
    assert!(printed.as_object().unwrap().values().all(|job| job["shard"].is_string()), "{printed}");
    // The steps take what they are given, and hand it to a command that takes it.
    let steps = parsed("examples/azure-pipelines/fleet-apply.yml");
    let names: Vec<&str> =
        steps["parameters"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["name", "tenants"]);
    let script = steps["steps"][0]["inputs"]["inlineScript"].as_str().unwrap();
    assert!(script.contains("sspr fleet apply fleet.yaml \"${tenants[@]}\" "), "{script}");
    for tenants in ["--wave canary", "--shard 3/8 --wave early --wave rest"] {
        let line = format!("fleet apply fleet.yaml {tenants} --help");
        let _ = Scene::new().run(&line.split(' ').collect::<Vec<_>>()).code(0);
    }
}

#[test]
fn every_pod_of_the_kubernetes_job_has_a_shard() {
    let job = parsed("examples/kubernetes/fleet.yaml");
    let (spec, pod) = (&job["spec"], &job["spec"]["template"]["spec"]);
    let container = &pod["containers"][0];
    assert_eq!((&job["kind"], &spec["completionMode"]), (&json!("Job"), &json!("Indexed")));
    assert_eq!(container["env"][0]["name"], "JOB_COMPLETION_INDEX");
    let pods = spec["completions"].as_u64().unwrap();
    assert!(spec["maxFailedIndexes"].as_u64().unwrap() <= pods);
    let mut shards = Vec::new();
    for index in 0..pods {
        let given = container["args"].as_array().unwrap().iter().map(|word| word.as_str().unwrap());
        let given: Vec<String> =
            given.map(|word| word.replace("$(JOB_COMPLETION_INDEX)", &index.to_string())).collect();
        let words: Vec<&str> = given.iter().map(String::as_str).chain(["--help"]).collect();
        let _ = Scene::new().run(&words).code(0);
        let shard = given.iter().find_map(|word| word.strip_prefix("--shard=")).unwrap();
        shards.push(shard.parse::<sspr::spec_file::fleet::Shard>().unwrap());
    }
    assert_eq!(shards, sspr::spec_file::fleet::Shard::all(u32::try_from(pods).unwrap()).collect::<Vec<_>>());
    // Whatever is mounted is there, and what the image writes to can be written.
    let volumes: Vec<&Value> =
        pod["volumes"].as_array().unwrap().iter().map(|volume| &volume["name"]).collect();
    let mounts = container["volumeMounts"].as_array().unwrap();
    assert!(mounts.iter().all(|mount| volumes.contains(&&mount["name"])), "{mounts:?}");
    assert!(mounts.iter().any(|mount| mount["mountPath"] == "/state"), "{mounts:?}");
}
