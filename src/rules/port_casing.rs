use text_size::{TextRange, TextSize};

use crate::{
    fix::{Context, Effect, Finding, Findings, Fix, Group, Safety, items, rule},
    model::Ports,
    syntax::SyntaxKind::EXPOSE,
    text::Edit,
};

rule! {
    /// ## What it does
    /// Writes the protocol of a port in lower case.
    ///
    /// ## Why
    /// The image says `tcp` whatever the file says, and BuildKit warns.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine
    /// EXPOSE 80/TCP 53/UDP
    /// ```
    /// ```dockerfile
    /// FROM alpine
    /// EXPOSE 80/tcp 53/udp
    /// ```
    ///
    /// ## Safety and effect
    /// Safe, and nothing is rebuilt. A port that is a variable or stands in quotes is only reported.
    pub static RULE = {
        name: "port-casing",
        summary: "A protocol of EXPOSE in upper case",
        since: "0.1.0",
        group: Group::Instructions,
        safety: Safety::Safe,
        effect: Effect::None,
        default: true,
        ids: &["ExposeProtoCasing"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    for instruction in ctx.instructions_of(&[EXPOSE]) {
        for item in items(ctx, instruction) {
            let written = ctx.slice(item.range);
            let Some((_, protocol)) = written.rsplit_once('/') else { continue };
            let lower = protocol.to_ascii_lowercase();
            // What is no protocol may be anything, as the end of a variable.
            if lower == protocol || !matches!(lower.as_str(), "tcp" | "udp" | "sctp") {
                continue;
            }
            let sound = item.text.as_deref().and_then(Ports::of).is_some();
            let length = TextSize::of(protocol);
            let range = TextRange::new(item.range.end() - length, item.range.end());
            let edits = Edit::replace(range, lower.as_str()).into();
            let fix = Fix { title: format!("Write `{lower}`"), safety: Safety::Safe, effect: Effect::None, edits };
            findings.push(Finding {
                rule: &RULE,
                range,
                message: format!("the image says `{lower}`, whatever stands here"),
                fix: sound.then_some(fix),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, findings};

    fn expose(words: &str) -> String {
        format!("FROM a\nEXPOSE {words}\n")
    }

    #[test]
    fn protocols_get_lower_case() {
        for (before, after) in [
            ("80/TCP", "80/tcp"),
            ("80/Tcp 90-91/UDP 9/SCTP", "80/tcp 90-91/udp 9/sctp"),
            ("80 \\\n  # c\n  90/TCP", "80 \\\n  # c\n  90/tcp"),
            ("127.0.0.1:80:80/TCP", "127.0.0.1:80:80/tcp"),
        ] {
            check(&RULE, &expose(before), &expose(after));
        }
    }

    #[test]
    fn the_rest_stays() {
        for words in
            ["80", "80/tcp", "80/HTTP", "8\\\n0/TCP", "80/T\\\nCP", "$A/TCP", "\"80\"/TCP", "$TCP", "${A:-B/TCP}"]
        {
            check_same(&RULE, &expose(words));
        }
        check_same(&RULE, "FROM a\nONBUILD EXPOSE 80/TCP\n");
        assert_eq!(findings(&RULE, &expose("$A/TCP")).len(), 1);
    }
}
