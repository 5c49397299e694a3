//! The one table, as Markdown, with its plots.

use std::fmt::Write;
use std::path::Path;

use crate::check::CHECKS;
use crate::metrics::Metrics;
use crate::plot;

/// Writes the report and its plots into a folder, and gives its text back.
pub(crate) fn write(folder: &Path, metrics: &Metrics) -> std::io::Result<String> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("metrics.json"), metrics.to_string())?;
    let mut text = "# What kindstore reaches, beside its peers in the same run\n\n".to_owned();
    text.push_str("| figure | reached | bound | |\n| --- | ---: | --- | --- |\n");
    let (mut passed, mut failed) = (0, 0);
    for check in &CHECKS {
        let Some(figure) = check.figure(metrics) else { continue };
        let holds = check.holds(figure);
        *(if holds { &mut passed } else { &mut failed }) += 1;
        let mark = if holds { "holds" } else { "**does not hold**" };
        line(&mut text, &format!("| {} | {} | {} | {mark} |", check.title, number(figure), check.bound()));
    }
    line(&mut text, &format!("\n{passed} hold, {failed} do not.\n"));
    line(
        &mut text,
        "Rates are per second, times in microseconds, `cpu` is processor time in microseconds for each operation (of",
    );
    line(&mut text, "the server alone where there is one), memory in MiB.\n");
    for (file, title, bars) in plot::CHARTS {
        let bars: Vec<(&str, f64)> = bars.iter().filter_map(|name| Some((*name, metrics.get(name)?))).collect();
        if !bars.is_empty() {
            plot::bars(&folder.join(file), title, &bars).map_err(std::io::Error::other)?;
            line(&mut text, &format!("![{title}]({file})"));
        }
    }
    line(&mut text, "\n| measured | |\n| --- | ---: |");
    for (name, value) in metrics.iter() {
        line(&mut text, &format!("| {name} | {} |", number(value)));
    }
    std::fs::write(folder.join("report.md"), &text)?;
    Ok(text)
}

fn line(text: &mut String, line: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(text, "{line}");
}

fn number(value: f64) -> String {
    match value.abs() {
        1000.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}
