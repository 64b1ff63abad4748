use crate::{
    fix::{Context, Effect, Finding, Findings, Fix, Group, Safety, repeated, rule},
    syntax::SyntaxKind::VOLUME,
};

rule! {
    /// ## What it does
    /// Takes a path out of VOLUME that is a volume of the stage already, and the instruction if nothing is left of it.
    ///
    /// ## Why
    /// Volumes are a set: what is said twice makes a reader look for a difference.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine
    /// VOLUME ["/data", "/log"]
    /// VOLUME /data
    /// ```
    /// ```dockerfile
    /// FROM alpine
    /// VOLUME ["/data", "/log"]
    /// ```
    ///
    /// ## Safety and effect
    /// Safe, and nothing is rebuilt; only the history of the image says less. `/a` and `/a/` are two volumes to
    /// BuildKit and stay, and so do variables and what another stage says. Comments above an instruction that goes
    /// stay, with a blank line below them where something else follows. What is among comments, and what one right
    /// above it speaks of to a tool, is only reported.
    pub static RULE = {
        name: "duplicate-volume",
        summary: "The same path twice in the VOLUME of a stage",
        since: "0.1.0",
        group: Group::Instructions,
        safety: Safety::Safe,
        effect: Effect::None,
        default: true,
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    for found in repeated(ctx, VOLUME, |path| Some(path.trim().to_owned()).filter(|it| !it.is_empty())) {
        let title = "Take out what is a volume already".to_owned();
        let fix = found.edits.map(|edits| Fix { title, safety: Safety::Safe, effect: Effect::None, edits });
        findings.push(Finding {
            rule: &RULE,
            range: found.instruction.range(),
            message: format!("`{}` is a volume of the stage already", found.texts.join("`, `")),
            fix,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, findings};

    #[test]
    fn paths_go() {
        for (before, after) in [
            ("/a /b /a", "/a /b"),
            (r#"["/a", "/b", "/a"]"#, r#"["/a", "/b"]"#),
            (r#"["/a" , " /a ", "/b"]"#, r#"["/a", "/b"]"#),
            ("[\"/a\", \\\n    \"/b\", \\\n    \"/a\"]", "[\"/a\", \\\n    \"/b\"]"),
        ] {
            check(&RULE, &format!("FROM x\nVOLUME {before}\n"), &format!("FROM x\nVOLUME {after}\n"));
        }
        check(&RULE, "FROM x\nVOLUME /a\nVOLUME [\"/a\",\"/b\"]\n", "FROM x\nVOLUME /a\nVOLUME [\"/b\"]\n");
        check(&RULE, "FROM x\nVOLUME /a\nRUN y\nVOLUME [\"/a\"]\n", "FROM x\nVOLUME /a\nRUN y\n");
    }

    #[test]
    fn what_differs_stays() {
        for text in [
            "VOLUME /a /a/",
            "VOLUME $A $A",
            "VOLUME /a \"/a\"",
            r#"VOLUME ["$A", "$A"]"#,
            "VOLUME /a \\\n# c\n/a",
            "VOLUME /a\nONBUILD VOLUME /a",
            "VOLUME /a\nFROM x\nVOLUME /a",
            "VOLUME ['/a', '/a']",
            // Alone, what is left would be an array.
            "VOLUME /b\nVOLUME [\"/a\"] /b",
            "VOLUME /b\nVOLUME /b [\"/a\"]",
        ] {
            check_same(&RULE, &format!("FROM x AS y\n{text}\n"));
        }
        assert_eq!(findings(&RULE, "FROM x\nVOLUME /a \\\n# c\n/a\n").len(), 1);
    }
}
