use crate::{
    fix::{Context, Effect, Finding, Findings, Fix, Group, Safety, repeated, rule},
    model::Ports,
    syntax::SyntaxKind::EXPOSE,
};

rule! {
    /// ## What it does
    /// Takes a port out of EXPOSE that the stage exposes already, and the instruction if nothing is left of it.
    ///
    /// ## Why
    /// Ports are a set: what is said twice makes a reader look for a difference. `80` and `80/tcp` are the same port.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine
    /// EXPOSE 80 443
    /// EXPOSE 80/tcp 53/udp
    /// ```
    /// ```dockerfile
    /// FROM alpine
    /// EXPOSE 80 443
    /// EXPOSE 53/udp
    /// ```
    ///
    /// ## Safety and effect
    /// Safe, and nothing is rebuilt; only the history of the image says less. Ranges that overlap, variables and ports
    /// that another stage exposes stay. Comments above an instruction that goes stay, with a blank line below them
    /// where something else follows. What is among comments, and what one right above it speaks of to a tool, is only
    /// reported.
    pub static RULE = {
        name: "duplicate-port",
        summary: "The same port twice in the EXPOSE of a stage",
        since: "0.1.0",
        group: Group::Instructions,
        safety: Safety::Safe,
        effect: Effect::None,
        default: true,
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    for found in repeated(ctx, EXPOSE, key) {
        let title = "Take out what is exposed already".to_owned();
        let fix = found.edits.map(|edits| Fix { title, safety: Safety::Safe, effect: Effect::None, edits });
        findings.push(Finding {
            rule: &RULE,
            range: found.instruction.range(),
            message: format!("the stage exposes `{}` already", found.texts.join("`, `")),
            fix,
        });
    }
}

/// The ports that a word names; what speaks of the host is another rule's matter.
fn key(word: &str) -> Option<String> {
    let ports = Ports::of(word).filter(|it| it.host.is_none() && it.is_sound())?;
    Some(format!("{:?}/{}", ports.range, ports.known_protocol()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, findings};

    fn expose(words: &str) -> String {
        format!("FROM a\nEXPOSE {words}\n")
    }

    #[test]
    fn words_go() {
        for (before, after) in [
            ("80 80", "80"),
            ("80 443 80/TCP", "80 443"),
            ("80 80/tcp 443 80 90", "80 443 90"),
            ("8000-8002 8000-8002/tcp", "8000-8002"),
            ("80 \\\n  443 \\\n  80", "80 \\\n  443"),
        ] {
            check(&RULE, &expose(before), &expose(after));
        }
    }

    #[test]
    fn instructions_go_with_their_last_word() {
        check(&RULE, "FROM a\nEXPOSE 80\nRUN b\nEXPOSE 80\nCMD c\n", "FROM a\nEXPOSE 80\nRUN b\nCMD c\n");
        check(&RULE, "FROM a\nEXPOSE 80\nEXPOSE 80 \\\n  80/tcp \\\n  90\n", "FROM a\nEXPOSE 80\nEXPOSE 90\n");
        check(&RULE, "FROM a\nEXPOSE 80\n\n# web\nEXPOSE 80\n", "FROM a\nEXPOSE 80\n\n# web\n");
        check(
            &RULE,
            "FROM a\nEXPOSE 80\n\n# web\nEXPOSE 80\n# d\nCMD c\n",
            "FROM a\nEXPOSE 80\n\n# web\n\n# d\nCMD c\n",
        );
        check_same(&RULE, "FROM a\nEXPOSE 80\nEXPOSE 80 \\\n# web\n  80\n");
    }

    #[test]
    fn what_differs_stays() {
        for words in [
            "80 80/udp",
            "80-81 80",
            "$A $A",
            "80 $A",
            "80 \"80\"",
            "80 80:80",
            "80 # 80",
            "80 8\\\n0",
            "80 \\\n# c\n80",
        ] {
            check_same(&RULE, &expose(words));
        }
        check_same(&RULE, "FROM a AS b\nEXPOSE 80\nFROM b\nEXPOSE 80\n");
        check_same(&RULE, "FROM a\nEXPOSE 80\nONBUILD EXPOSE 80\n");
        assert_eq!(findings(&RULE, &expose("80 \\\n# c\n80")).len(), 1);
    }
}
