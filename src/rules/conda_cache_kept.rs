use crate::{
    fix::{Context, Effect, Findings, Group, MORE_WORDS, Safety, leftovers, rule},
    model::Role,
};

rule! {
    /// ## What it does
    /// Cleans the caches of conda, mamba and micromamba at the end of a RUN that installs with them.
    ///
    /// ## Why
    /// Archives and unpacked copies of all packages stay in the image, often as much again as what is installed.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM condaforge/miniforge3
    /// RUN conda install -y samtools
    /// ```
    /// ```dockerfile
    /// FROM condaforge/miniforge3
    /// RUN conda install -y samtools && conda clean -afy
    /// ```
    ///
    /// ## Safety and effect
    /// Unsafe: environments on another file system than the cache, and those that link softly, use files in it. The
    /// image changes on purpose: it loses the caches. There is no fix where conda is called by a path that begins in
    /// the current folder, where its call may not run or may fail with nobody to notice (`a; b` without `set -e`), and
    /// where conda may be gone at the end of the RUN. Only stages that are in an image are looked at, and a mount over
    /// the cache keeps the rule quiet.
    pub static RULE = {
        name: "conda-cache-kept",
        summary: "Caches of conda left in the image",
        since: "0.1.0",
        group: Group::Packages,
        safety: Safety::Unsafe,
        effect: Effect::Image,
        changes: MORE_WORDS,
        default: true,
        ids: &[],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    for it in leftovers(ctx, "conda", &[Role::Install, Role::Upgrade]) {
        let Some(last) = it.calls().last() else { continue };
        // It is called as it was called: by its path it may be in no folder of PATH.
        let path = last.words.first().and_then(|it| it.1.literal()).filter(|it| it.starts_with('/'));
        let command = format!("{} clean -afy", path.unwrap_or(&last.program));
        findings.push(it.finding(ctx, &RULE, "the caches of conda stay in the image", &command, Safety::Unsafe));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check_same, check_unsafe};

    #[test]
    fn caches_go_at_the_end() {
        check_unsafe(
            &RULE,
            "FROM a\nRUN mamba env create -f b.yml\n",
            "FROM a\nRUN mamba env create -f b.yml && mamba clean -afy\n",
        );
    }

    #[test]
    fn what_is_called_by_its_path_cleans_so() {
        let file = |end: &str| format!("FROM a\nRUN /opt/conda/bin/conda install -y b && rm -rf /tmp/*{end}\n");
        check_unsafe(&RULE, &file(""), &file(" && /opt/conda/bin/conda clean -afy"));
        for end in ["rm -rf /opt/conda", "rm -rf /opt/*", "mv /opt/conda /c", "find /opt/conda -delete"] {
            check_same(&RULE, &format!("FROM a\nRUN /opt/conda/bin/conda install -y b && {end}\n"));
        }
    }

    #[test]
    fn what_is_clean_or_mounted_or_in_no_image_stays() {
        for text in [
            "FROM a\nRUN conda install b && conda clean -a\n",
            "FROM a\nRUN conda install b && rm -rf /opt/conda/pkgs\n",
            "FROM a\nRUN --mount=type=cache,target=/opt/conda/pkgs conda install b\n",
            "FROM a\nRUN conda install b\nFROM c\n",
        ] {
            check_same(&RULE, text);
        }
    }
}
