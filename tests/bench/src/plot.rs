//! Bar charts as SVG.

use std::path::Path;

use plotters::prelude::*;

/// A chart: its file, its title, and the figures that it shows.
type Chart = (&'static str, &'static str, &'static [&'static str]);

/// All charts of the report.
pub(crate) const CHARTS: [Chart; 4] = [
    (
        "writes.svg",
        "durable writes per second",
        &[
            "embedded.group.rate",
            "raw.group.rate",
            "redb.group.rate",
            "embedded.hot-patch.rate",
            "grpc.create.rate",
            "etcd.put.rate",
            "etcd.create.rate",
        ],
    ),
    (
        "lone.svg",
        "durable writes per second, one writer",
        &["embedded.lone.rate", "raw.lone.rate", "redb.lone.rate", "probe.4k.rate"],
    ),
    (
        "remote-reads.svg",
        "reads per second over the network",
        &["rest.get.rate", "bare.rest-get.rate", "grpc.get.rate", "bare.grpc-get.rate", "etcd.get.rate"],
    ),
    (
        "reads.svg",
        "embedded reads per second",
        &["embedded.get-by-id.rate", "embedded.get-by-name.rate", "raw.get.rate", "redb.get.rate"],
    ),
];

/// Draws one bar for each figure, its name and value beside it.
pub(crate) fn bars(
    path: &Path,
    title: &str,
    bars: &[(&str, f64)],
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    const ROW: i32 = 34;
    const LEFT: i32 = 230;
    const WIDTH: i32 = 760;
    let height = 50 + ROW * bars.len() as i32;
    let area = SVGBackend::new(path, (WIDTH as u32, height as u32)).into_drawing_area();
    area.fill(&WHITE)?;
    area.draw_text(title, &("sans-serif", 18).into_font().color(&BLACK), (10, 12))?;
    let most = bars.iter().map(|(_, value)| *value).fold(1.0, f64::max);
    for (row, (name, value)) in (0..).zip(bars) {
        let top = 46 + ROW * row;
        let length = (f64::from(WIDTH - LEFT - 110) * value / most) as i32;
        let is_ours = !["raw", "redb", "etcd", "bare", "probe"].iter().any(|peer| name.starts_with(peer));
        let colour = if is_ours { RGBColor(38, 98, 185) } else { RGBColor(176, 184, 196) };
        area.draw(&Rectangle::new([(LEFT, top), (LEFT + length, top + ROW - 10)], colour.filled()))?;
        let font = ("sans-serif", 13).into_font().color(&BLACK);
        area.draw_text(name, &font, (10, top + 6))?;
        area.draw_text(&format!("{value:.0}"), &font, (LEFT + length + 8, top + 6))?;
    }
    area.present()?;
    Ok(())
}
