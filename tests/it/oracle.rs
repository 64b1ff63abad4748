//! The tree against BuildKit's own reading of the same files.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};

use dockfix::model::{Reading, build::Build};
use dockfix::syntax::{self, SyntaxKind};
use serde_json::Value;

use crate::corpus;

/// Files on which the readings differ, with the reason.
const EXPLAINED: &[(&str, &str)] = &[];

#[test]
fn reads_files_as_buildkit_does() {
    let Some(folder) = corpus::folder() else {
        return;
    };
    let files: HashMap<String, String> = corpus::files().into_iter().collect();
    let lines = std::fs::File::open(folder.join("buildkit.jsonl.gz")).unwrap();
    let lines = BufReader::new(flate2::read::GzDecoder::new(lines)).lines();
    let (mut seen, mut different) = (0, Vec::new());
    for line in lines {
        let truth: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let path = truth["path"].as_str().unwrap();
        let Some(text) = files.get(path) else {
            continue;
        };
        seen += 1;
        if let Err(why) = compare(text, &truth) {
            different.push((path.to_owned(), why));
        }
    }
    let unexplained: Vec<_> = different.iter().filter(|it| !EXPLAINED.iter().any(|known| known.0 == it.0)).collect();
    eprintln!("{seen} files read, {} differ", different.len());
    for (path, why) in unexplained.iter().take(40) {
        eprintln!("{path}: {why}");
    }
    assert!(seen >= files.len() && unexplained.is_empty(), "{} files differ", unexplained.len());
}

#[test]
fn finds_no_problem_in_a_build_that_buildkit_converts() {
    let Some(folder) = corpus::folder() else {
        return;
    };
    let files: HashMap<String, String> = corpus::files().into_iter().collect();
    let lines = std::fs::File::open(folder.join("buildkit.jsonl.gz")).unwrap();
    let lines = BufReader::new(flate2::read::GzDecoder::new(lines)).lines();
    let (mut fine, mut failing, mut found, mut wrong) = (0, 0, 0, Vec::new());
    for line in lines {
        let truth: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let path = truth["path"].as_str().unwrap();
        let (Some(text), true) = (files.get(path), truth["parse_error"].is_null()) else {
            continue;
        };
        let build = Build::new(&syntax::parse(text));
        let fails = !truth["instr_error"].is_null() || !truth["lint_error"].is_null();
        match fails {
            true => {
                failing += 1;
                found += usize::from(!build.problems.is_empty() || !build.needs.is_empty());
            }
            false => {
                fine += 1;
                if let Some(problem) = build.problems.first() {
                    wrong.push(format!("{path}: {problem}"));
                }
            }
        }
    }
    eprintln!("{fine} builds converted; of {failing} others {found} have a problem here too");
    for line in wrong.iter().take(40) {
        eprintln!("{line}");
    }
    assert!(wrong.is_empty(), "{} of {fine}", wrong.len());
    // What is left are platforms, signals and git queries that nobody mistakes for another build.
    assert!(found * 20 >= failing * 19, "{found} of {failing}");
}

fn compare(text: &str, truth: &Value) -> Result<(), String> {
    let parse = syntax::parse(text);
    let refused = !truth["parse_error"].is_null();
    if refused != parse.is_refused() {
        return Err(format!("refused {refused} by BuildKit, {:?} here", parse.errors()));
    }
    if refused {
        return Ok(());
    }
    if truth["escape"].as_str() != Some(parse.escape().to_string().as_str()) {
        return Err("escape".to_owned());
    }
    let index = LineStarts::new(text);
    let nodes = truth["nodes"].as_array().unwrap();
    let instructions: Vec<_> = parse.file().instructions().collect();
    if nodes.len() != instructions.len() {
        return Err(format!("{} instructions, {} here", nodes.len(), instructions.len()));
    }
    for (node, instruction) in nodes.iter().zip(&instructions) {
        let reading = Reading::of(instruction, parse.escape());
        same(node, &reading)?;
        let range = instruction.syntax().text_range();
        let lines = [index.line(range.start().into()), index.line(usize::from(range.end()) - 1)];
        let expected: Vec<usize> =
            node["lines"].as_array().unwrap().iter().map(|it| it.as_u64().unwrap() as usize).collect();
        if expected != lines {
            return Err(format!("lines {expected:?}, {lines:?} here: {}", reading.keyword));
        }
    }
    let errors = parse.errors().iter().filter(|it| !it.kind.is_shell()).count();
    if truth["instr_error"].is_null() && errors > 0 {
        return Err(format!("accepted by BuildKit, here {:?}", parse.errors()));
    }
    if !truth["instr_error"].is_null() && errors == 0 {
        return Err(format!("refused by BuildKit, not here: {}", truth["instr_error"]));
    }
    Ok(())
}

fn same(node: &Value, reading: &Reading) -> Result<(), String> {
    let strings = |it: &Value| -> Vec<String> {
        it.as_array().map(|it| it.iter().map(|it| it.as_str().unwrap().to_owned()).collect()).unwrap_or_default()
    };
    let keyword = node["cmd"].as_str().or(node["value"].as_str()).unwrap();
    if keyword != reading.keyword {
        return Err(format!("keyword {keyword}, {} here", reading.keyword));
    }
    if node["json"].as_bool().unwrap_or(false) != reading.json {
        return Err(format!("{keyword}: json"));
    }
    if strings(&node["flags"]) != reading.flags {
        return Err(format!("{keyword}: flags {}, {:?} here", node["flags"], reading.flags));
    }
    let args = strings(&node["args"]);
    if args != reading.args && reading.kind != SyntaxKind::UNKNOWN {
        return Err(format!("{keyword}: args {args:?}, {:?} here", reading.args));
    }
    let heredocs: Vec<(String, String)> = node["heredocs"].as_array().map_or(Vec::new(), |it| {
        it.iter()
            .map(|it| (it["Name"].as_str().unwrap().to_owned(), it["Content"].as_str().unwrap().to_owned()))
            .collect()
    });
    let here: Vec<(String, String)> = reading.heredocs.iter().map(|it| (it.name.clone(), it.body.clone())).collect();
    if heredocs != here {
        return Err(format!("{keyword}: heredocs {heredocs:?}, {here:?} here"));
    }
    match (node.get("sub"), &reading.sub) {
        (Some(node), Some(sub)) => same(node, sub),
        (None, None) => Ok(()),
        (node, sub) => Err(format!("{keyword}: sub {node:?}, {sub:?} here")),
    }
}

struct LineStarts(Vec<usize>);

impl LineStarts {
    fn new(text: &str) -> Self {
        let breaks = text.bytes().enumerate().filter(|it| it.1 == b'\n').map(|it| it.0 + 1);
        LineStarts(std::iter::once(0).chain(breaks).collect())
    }

    fn line(&self, offset: usize) -> usize {
        self.0.partition_point(|it| *it <= offset)
    }
}
