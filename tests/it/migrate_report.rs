//! The report of a migration: what stands in it, what harms nobody, and what is left out.

use dockfix::migrate::report::{self, Form, LeftOut, Limits};
use serde_json::Value;

use crate::program::Folder;

const MESSY: &str = "from alpine as base\nMAINTAINER x\nENV a b\nRUN apk add   curl\nCMD run\n";

fn folder() -> Folder {
    let folder = Folder::new(&[
        ("CODEOWNERS", "/web/ @web\n/db/ @db\n"),
        ("web/Dockerfile", MESSY),
        ("db/Dockerfile", "FROM alpine\n"),
        ("db/x/Dockerfile", "FROM {{ base }}\nRUN {% x %}\n"),
        ("Dockerfile", "FROM scratch\nLABEL a=\"</script><script>evil()</script><!-- ` @all\"\nENV b c\n"),
    ]);
    folder.write("db/Dockerfile.latin", b"from alpine\n# caf\xE9 \x1B\n");
    folder
}

/// What is in the blocks of JSON with an attribute.
fn blocks(html: &str, attribute: &str) -> Vec<Value> {
    let begin = format!("<script type=\"application/json\" {attribute}");
    let blocks = html.split(&begin).skip(1).map(|it| {
        let (_, it) = it.split_once('>').unwrap();
        serde_json::from_str(it.split_once("</script>").unwrap().0).unwrap()
    });
    blocks.collect()
}

#[test]
fn a_page_needs_nothing_and_nothing_in_it_does_harm() {
    let folder = folder();
    let said = folder.run(&["migrate", "plan", "--report", "report.html"]);
    assert_eq!((said.code, said.err.as_str()), (0, "report.html: written\n"), "{}", said.out);
    let html = folder.read("report.html");
    assert!(html.contains("<h1>3 of 5 Dockerfiles would change</h1>"), "{}", &html[html.find("<h1>").unwrap()..][..80]);
    assert!(!html.contains("<script>evil"), "a text of a file is markup");
    for outside in ["http://", "https://", "src=", "@import", "url("] {
        assert!(!html.contains(outside), "the page names {outside}");
    }
    let rows: Vec<Value> =
        blocks(&html, "class=\"rows\"").into_iter().flat_map(|it| it.as_array().unwrap().clone()).collect();
    let paths: Vec<&str> = rows.iter().map(|it| it[0].as_str().unwrap()).collect();
    assert_eq!(paths, ["Dockerfile", "db/Dockerfile", "db/Dockerfile.latin", "db/x/Dockerfile", "web/Dockerfile"]);
    let details = &blocks(&html, "id=\"b")[0];
    let diff = |nth: usize| details[rows[nth][11].as_u64().unwrap() as usize]["d"].as_str().unwrap().to_owned();
    assert!(
        diff(0).contains(" LABEL a=\"</script><script>evil()</script><!-- ` @all\"\n-ENV b c\n+ENV b=c\n"),
        "{}",
        diff(0)
    );
    assert!(diff(2).starts_with("@@ -1,2 +1,2 @@\n-from alpine\n+FROM alpine\n # caf\u{FFFD} ␛\n"), "{}", diff(2));
    assert_eq!((rows[1][10].as_i64(), rows[1][2].as_i64()), (Some(-1), Some(1)), "a clean file has details");
    assert!(rows[3][12].as_str().unwrap().starts_with("template: "), "{}", rows[3]);
}

#[test]
fn the_same_for_machines_and_for_pull_requests() {
    let folder = folder();
    folder.run(&["migrate", "plan", "-q"]);
    let said = folder.run(&["migrate", "report", "--output-format", "json"]);
    let report: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(report["totals"]["files"], 5);
    let web = &report["files"][4];
    assert_eq!((web["path"].as_str(), web["effect"].as_str()), (Some("web/Dockerfile"), Some("image")));
    assert_eq!((&web["rules"]["maintainer"], &web["owners"][0]), (&Value::from(1), &Value::from("@web")));
    let said = folder.run(&["migrate", "report"]);
    assert!(said.out.starts_with("### dockfix: 3 of 5 Dockerfiles would change\n"), "{}", said.out);
    assert!(said.out.contains("| @<!-- -->web | 1 | 1 |"), "an owner is called: {}", said.out);
    assert!(said.out.contains("\n<details><summary><code>web/Dockerfile</code>, "), "{}", said.out);
    assert_eq!(folder.run(&["migrate", "report", "-o", "a.md"]).err, "a.md: written\n");
    assert_eq!(folder.read("a.md"), said.out);
    let said = folder.run(&["migrate", "report", "-o", "a.txt"]);
    let expected = "error: a.txt: which form?\nhelp: a name ends in `.html`, `.md` or `.json`\n";
    assert_eq!((said.code, said.err.as_str()), (2, expected));
}

#[test]
fn what_changed_since_has_no_diff() {
    let folder = folder();
    folder.run(&["migrate", "plan", "-q"]);
    folder.write("web/Dockerfile", "FROM other\n");
    let html = folder.run(&["migrate", "report", "--output-format", "html"]).out;
    assert!(html.contains("There is no diff, for the file changed since it was planned."));
    let after = folder.run(&["fix", "-q", "Dockerfile"]);
    assert_eq!(after.code, 0, "{}", after.err);
    let text = folder.run(&["migrate", "report"]).out;
    assert!(text.contains("There is no diff, for the plan was followed meanwhile."), "{text}");
}

#[test]
fn what_would_get_too_large_is_left_out_and_told() {
    let folder = Folder::new(&[]);
    for nth in 0..1_200 {
        folder.write(&format!("a{nth:04}/Dockerfile"), MESSY);
    }
    assert_eq!(folder.run(&["migrate", "plan", "-q"]).code, 0);
    let write = |form, limits| {
        let mut out = Vec::new();
        let plan = folder.join(".dockfix/plan.json");
        let left_out = report::write(&plan, folder.path(), form, limits, &mut out).unwrap();
        (left_out, String::from_utf8(out).unwrap())
    };
    let (left_out, html) = write(Form::Html, Limits::default());
    assert_eq!((left_out, blocks(&html, "class=\"rows\"").len()), (LeftOut::default(), 3));
    let (left_out, html) = write(Form::Html, Limits { details: 100_000, rows: 60_000 });
    assert!(html.contains("<p>… and 688 more</p>"), "of 1,200 groups 512 are shown");
    assert!(left_out.details > 300 && left_out.files > 100, "{left_out:?}");
    assert!(html.len() < 350_000, "{}", html.len());
    let told = format!("{} files stand here without their diffs", left_out.details);
    assert!(html.contains(&told), "{told}");
    assert!(html.contains(&format!("{} more files are not listed", left_out.files)), "{left_out:?}");
    let (left_out, text) = write(Form::Markdown, Limits::default());
    assert!(left_out.files > 900 && text.len() <= 62_000 && text.contains("… and "), "{left_out:?}, {}", text.len());
}

#[test]
fn progress_is_not_told_to_those_who_pipe() {
    let folder = folder();
    for args in [&["check"][..], &["fix", "--diff"], &["migrate", "plan"], &["migrate", "plan", "-v"]] {
        let said = folder.run(args);
        let both = format!("{}{}", said.out, said.err);
        assert!(!both.contains("working") && !both.contains("planning") && !both.contains("\u{1B}["), "{both}");
    }
}

#[test]
fn what_was_applied_keeps_its_diff_and_is_told() {
    let folder = folder();
    folder.run(&["migrate", "plan", "-q", "--group-by", "rule"]);
    let report = |form: &str| folder.run(&["migrate", "report", "--output-format", form]).out;
    let diffs = |html: &str| -> Vec<Value> {
        let blocks = blocks(html, "id=\"b");
        blocks.iter().flat_map(|it| it.as_array().unwrap()).map(|it| it["d"].clone()).collect()
    };
    let before = diffs(&report("html"));
    assert!(before.iter().filter(|it| it.is_string()).count() == 3, "{before:?}");
    for group in [&["inconsistent-casing"][..], &[]] {
        folder.run(&[&["migrate", "apply", "-q"], group].concat());
        assert_eq!(diffs(&report("html")), before, "after {group:?}");
    }
    assert!(report("html").contains("The plan was followed meanwhile: 3 files are as it wants them."));
    let text = report("markdown");
    assert!(text.contains("\nThe plan was followed meanwhile: 3 files are as it wants them.\n\n<details>"), "{text}");
    assert!(text.contains("-MAINTAINER x\n"), "{text}");
    folder.run(&["migrate", "undo", "-q"]);
    assert_eq!(diffs(&report("html")), before);
}
