//! A report as a page of HTML that needs nothing else: no network, no file beside it.

use std::{cmp::Reverse, io::Write, path::Path};

use super::{
    LeftOut, Limits, Overview,
    charts::{Cell, Escaped, bar, table},
    count,
    files::Blocks,
    grouped,
};
use crate::{
    fix::Effect,
    migrate::{Reader, State},
};

const STYLE: &str = include_str!("../../../config/report/page.css");
const SCRIPT: &str = include_str!("../../../config/report/page.js");

/// So many rows of a table are seen without unfolding it.
const ROWS: usize = 12;

/// What each effect is, with its class.
const EFFECTS: [(Effect, &str, &str); 3] = [
    (Effect::None, "light", "every step keeps its cache key"),
    (Effect::Rebuild, "mid", "steps are rebuilt, with the same result"),
    (Effect::Image, "full", "the image changes, on purpose"),
];

/// Writes the page.
pub(super) fn write(
    overview: &Overview,
    mut rows: Reader,
    root: &Path,
    limits: Limits,
    out: &mut impl Write,
) -> anyhow::Result<LeftOut> {
    // The page may load nothing, whatever the texts in it say.
    write!(
        out,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>dockfix: migration of {}</title>\n<style>\n{STYLE}</style></head><body>\n",
        count(overview.totals.files, "file")
    )?;
    let sections = [
        ("rules", "Rules", rules(overview)),
        ("owners", "Owners", owners(overview)),
        ("groups", "Groups", groups(overview)),
        ("rebuilds", "Rebuilds", rebuilds(overview)),
        ("passed-over", "Passed over", passed_over(overview)),
    ];
    let sections: Vec<_> = sections.into_iter().filter(|it| !it.2.is_empty()).collect();
    let links: String = sections.iter().map(|(id, name, _)| format!("<li><a href=\"#{id}\">{name}</a></li>")).collect();
    write!(
        out,
        "<a class=\"skip\" href=\"#files\">To the list of files</a>\n{}<nav aria-label=\"Sections\"><div class=\"wrap\"><ul>\
         <li><a href=\"#overview\">Overview</a></li>{links}<li><a href=\"#files\">Files</a></li></ul></div></nav>\n\
         <main class=\"wrap\">\n{}",
        head(overview),
        figures(overview)
    )?;
    for (id, name, text) in &sections {
        writeln!(out, "<section id=\"{id}\" aria-labelledby=\"{id}-h\"><h2 id=\"{id}-h\">{name}</h2>{text}</section>")?;
    }
    let mut blocks = Blocks::new(overview, root, limits, out);
    blocks.names()?;
    while let Some((_, row)) = rows.row()? {
        blocks.add(&row)?;
    }
    let (left_out, followed) = blocks.finish()?;
    writeln!(out, "{}</main>", files(left_out, followed))?;
    write!(
        out,
        "<footer><div class=\"wrap\">This page is one file and loads nothing. <code>dockfix migrate report</code> makes it anew.</div></footer>\n<script>\n{SCRIPT}</script>\n</body></html>\n"
    )?;
    Ok(left_out)
}

fn head(overview: &Overview) -> String {
    let changes = overview.state(State::Changes);
    format!(
        "<header class=\"page wrap\"><h1>{} of {} would change</h1><p>{}.</p></header>\n",
        grouped(changes),
        count(overview.totals.files, "Dockerfile"),
        Escaped(&overview.about())
    )
}

fn figures(overview: &Overview) -> String {
    let totals = &overview.totals;
    let (before, left) = overview.findings();
    let figures = [
        ("files would change", grouped(overview.state(State::Changes)), format!(" of {}", grouped(totals.files))),
        ("findings are mended", grouped(before.saturating_sub(left)), format!(" of {}", grouped(before))),
        ("build steps are rebuilt", grouped(totals.steps_rebuilt), String::new()),
        ("lines come and go", format!("+{}", grouped(totals.added)), format!(" −{}", grouped(totals.removed))),
    ];
    let figures: String = figures
        .iter()
        .map(|(what, big, small)| format!("<div><dt>{what}</dt><dd>{big}<small>{small}</small></dd></div>"))
        .collect();
    let changes: usize = totals.effects.values().sum();
    let files = |effect| totals.effects.get(&effect).copied().unwrap_or_default();
    let parts: Vec<_> = EFFECTS.iter().map(|(effect, class, _)| (*class, files(*effect))).collect();
    let legend: String = EFFECTS
        .iter()
        .map(|(effect, class, what)| {
            let number = grouped(files(*effect));
            let filter = *effect as u8;
            format!(
                "<li><i class=\"{class}\"></i><a href=\"#files\" data-filter=\"state=e{filter}\">{effect}</a>\
                 <strong>{number}</strong><span>{what}</span></li>"
            )
        })
        .collect();
    format!(
        "<section id=\"overview\" aria-labelledby=\"overview-h\"><h2 id=\"overview-h\">Overview</h2>\
         <p>What <code>dockfix fix</code> would do to all files together.</p>\n<dl class=\"figures\">{figures}</dl>\n\
         <div class=\"pair\"><div class=\"stack\"><h3>Files that change, by what it does to their builds</h3>{}\
         <ul class=\"legend\">{legend}</ul></div>\n\
         <div><h3>Findings, before and after</h3><dl class=\"bars\"><dt>before</dt>{}<dd>{}</dd><dt>after</dt>{}<dd>{}</dd></dl>\
         </div></div></section>\n",
        bar(&parts, changes),
        track(bar(&[("mid", before)], before.max(left))),
        grouped(before),
        track(bar(&[("full", left)], before.max(left))),
        grouped(left),
    )
}

/// A bar among the terms of a list.
fn track(bar: String) -> String {
    format!("<dd>{bar}</dd>")
}

fn rules(overview: &Overview) -> String {
    let totals = &overview.totals;
    let mut rules: Vec<_> =
        totals.rules.iter().enumerate().filter(|(_, it)| it.1.before + it.1.fixes + it.1.left > 0).collect();
    rules.sort_by_key(|(_, (_, it))| (Reverse(it.before), Reverse(it.fixes)));
    let most = rules.iter().map(|it| it.1.1.before.max(it.1.1.left)).max().unwrap_or_default();
    let mut rows: Vec<Vec<Cell>> = rules
        .iter()
        .map(|(nth, (name, it))| {
            let mended = it.before.saturating_sub(it.left);
            vec![
                Cell::Head((*name).clone(), Some(format!("rule={nth}"))),
                Cell::Bar(vec![("light", mended), ("full", it.left)], most),
                Cell::Number(it.before),
                Cell::Number(it.left),
                Cell::Number(it.fixes),
                Cell::Number(it.files),
            ]
        })
        .collect();
    if totals.laid_out > 0 {
        let mut row = vec![Cell::Head("(layout)".to_owned(), None)];
        row.extend([Cell::Word(String::new()), Cell::Word(String::new()), Cell::Word(String::new())]);
        row.extend([Cell::Word(String::new()), Cell::Number(totals.laid_out)]);
        rows.push(row);
    }
    if rows.is_empty() {
        return String::new();
    }
    let heads = ["Rule", "", "#Before", "#After", "-#Fixes", "#Files"];
    format!(
        "<p>What each rule finds now, and what is left of it: the pale part of a bar is mended, the strong part stays. A fix \
         of one rule may do away with what another one finds.</p>{}",
        table("By rule", &heads, &rows, ROWS)
    )
}

fn owners(overview: &Overview) -> String {
    let owners = &overview.totals.owners;
    let mut all: Vec<_> = owners.iter().enumerate().collect();
    all.sort_by_key(|(_, (_, it))| (Reverse(it.changes), Reverse(it.files)));
    let most = owners.values().map(|it| it.files).max().unwrap_or_default();
    let rows: Vec<Vec<Cell>> = all
        .iter()
        .map(|(nth, (name, it))| {
            vec![
                Cell::Head((*name).clone(), Some(format!("owner={nth}"))),
                Cell::Bar(vec![("full", it.changes), ("light", it.files - it.changes.min(it.files))], most),
                Cell::Number(it.changes),
                Cell::Number(it.files),
                Cell::Number(it.steps_rebuilt),
                Cell::Number(it.left),
            ]
        })
        .collect();
    if rows.len() < 2 {
        return String::new();
    }
    let heads = ["Owner", "", "#Change", "-#Files", "#Steps rebuilt", "-#Findings left"];
    format!(
        "<p>By CODEOWNERS. The strong part of a bar is the files that change.</p>{}",
        table("By owner", &heads, &rows, ROWS)
    )
}

fn groups(overview: &Overview) -> String {
    let rows: Vec<Vec<Cell>> = overview
        .groups
        .iter()
        .map(|it| {
            let effect = it.effects.keys().max().map(ToString::to_string).unwrap_or_default();
            vec![
                Cell::Head(it.name.clone(), None),
                Cell::Number(it.files),
                Cell::Word(effect),
                Cell::Number(it.steps_rebuilt),
                Cell::Word(format!("+{} −{}", grouped(it.added), grouped(it.removed))),
                Cell::Word(it.owners.join(" ")),
            ]
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    let heads = ["Group", "#Files", "Effect", "#Steps rebuilt", "#Lines", "-Owners"];
    format!(
        "<p>What lands together, in this order: <code>dockfix migrate patch</code> makes a patch of each, and \
         <code>dockfix migrate apply --commit</code> a commit.</p>{}",
        table("Groups", &heads, &rows, ROWS)
    )
}

fn rebuilds(overview: &Overview) -> String {
    if overview.totals.steps_rebuilt == 0 {
        return String::new();
    }
    let still = overview.rebuilt.get(&0).copied().unwrap_or_default();
    let changes = overview.state(State::Changes);
    let most = overview.most_rebuilt.first().map_or(0, |it| it.1);
    let rows: Vec<Vec<Cell>> = overview
        .most_rebuilt
        .iter()
        .map(|(path, steps)| {
            let head = Cell::Head(path.clone(), Some(format!("search={path}")));
            vec![head, Cell::Bar(vec![("mid", *steps)], most), Cell::Number(*steps)]
        })
        .collect();
    format!(
        "<p>{} get another cache key, in {}: they are built anew once, and so is what stands on them. {} change without \
         any rebuild. With <code>--keep-cache</code> nothing is rebuilt, and less is mended.</p>{}",
        count(overview.totals.steps_rebuilt, "build step"),
        count(changes - still.min(changes), "file"),
        count(still, "file"),
        table("Files of which most is rebuilt", &["Most in one file", "", "#Steps"], &rows, ROWS)
    )
}

fn passed_over(overview: &Overview) -> String {
    let totals = &overview.totals;
    if totals.passed_over.is_empty() && totals.faulty == 0 {
        return String::new();
    }
    let mut classes: Vec<_> = totals.passed_over.iter().collect();
    classes.sort_by_key(|it| Reverse(it.1));
    let most = classes.first().map_or(0, |it| *it.1);
    let mut rows: Vec<Vec<Cell>> = classes
        .iter()
        .map(|(class, files)| {
            let head = Cell::Head(class.as_str().to_owned(), Some(format!("search={}:", class.as_str())));
            vec![head, Cell::Bar(vec![("mid", **files)], most), Cell::Number(**files)]
        })
        .collect();
    if totals.faulty > 0 {
        let head = Cell::Head("fault of dockfix".to_owned(), None);
        rows.push(vec![head, Cell::Bar(vec![("full", totals.faulty)], most), Cell::Number(totals.faulty)]);
    }
    format!(
        "<p>Files that are left as they are; the list below says why of each. Where dockfix itself failed, what it had done \
         was taken back.</p>{}",
        table("Passed over", &["Why", "", "#Files"], &rows, ROWS)
    )
}

/// The list of files, which the script fills.
fn files(left_out: LeftOut, followed: Option<String>) -> String {
    let mut notes = followed.map_or(String::new(), |it| it + " ");
    if left_out.details > 0 {
        notes.push_str(&format!(
            "To keep this page small, {} stand here without their diffs; <code>dockfix migrate patch</code> writes all. ",
            count(left_out.details, "file")
        ));
    }
    if left_out.files > 0 {
        notes.push_str(&format!("{} are not listed; the plan has them.", count(left_out.files, "more file")));
    }
    if !notes.is_empty() {
        notes = format!("<p class=\"note\">{notes}</p>");
    }
    let columns = [
        ("file", "File", "file", ""),
        ("owner", "Owner", "owner less", "less"),
        ("effect", "Effect", "effect", ""),
        ("rebuilt", "Rebuilt", "num less", "n less"),
        ("lines", "Lines", "num", "n"),
        ("findings", "Findings", "num less", "n less"),
    ];
    let cols: String = columns.iter().map(|(.., col, _)| format!("<col class=\"{col}\">")).collect();
    let heads: String = columns
        .iter()
        .map(|(sort, head, _, class)| {
            let sorted = if *sort == "file" { " aria-sort=\"ascending\"" } else { "" };
            format!(
                "<th scope=\"col\" class=\"{class}\" data-sort=\"{sort}\"{sorted}><button type=\"button\">{head}</button></th>"
            )
        })
        .collect();
    format!(
        "<section id=\"files\" aria-labelledby=\"files-h\"><h2 id=\"files-h\">Files</h2>\
         <p>Unfold a file to see its diff.</p>{notes}\
         <noscript><p class=\"note\">The list of files needs JavaScript; nothing is loaded for it.</p></noscript>\
         <div class=\"tools\" id=\"tools\" role=\"search\" hidden>\
         <label class=\"wide\">Search<input type=\"search\" id=\"search\" placeholder=\"path, owner or rule\" \
         autocomplete=\"off\" spellcheck=\"false\" aria-keyshortcuts=\"/\"></label>\
         <label>What<select id=\"state\"><option value=\"\">all files</option><option value=\"0\">changes</option>\
         <option value=\"e0\">changes, effect none</option><option value=\"e1\">changes, effect rebuild</option>\
         <option value=\"e2\">changes, effect image</option><option value=\"1\">clean</option>\
         <option value=\"2\">passed over</option><option value=\"3\">fault</option></select></label>\
         <label>Owner<select id=\"owner\"><option value=\"\">all owners</option></select></label>\
         <label>Rule<select id=\"rule\"><option value=\"\">all rules</option></select></label></div>\
         <p id=\"count\" role=\"status\"></p>\
         <table aria-label=\"Files\"><colgroup>{cols}</colgroup><thead><tr>{heads}</tr></thead><tbody id=\"rows\"></tbody></table>\
         <div class=\"pages\"><button class=\"plain\" type=\"button\" id=\"back\">Back</button>\
         <button class=\"plain\" type=\"button\" id=\"on\">Next</button></div></section>\n"
    )
}
