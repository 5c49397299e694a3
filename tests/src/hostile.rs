//! Texts that are made to hurt: deep, wide, long, repeated. Each asks more of a reader than any honest document does.

use kindstore::manifest::Format;

use crate::soak::rounds;

/// One such text.
pub(crate) struct Hostile {
    pub(crate) name: String,
    pub(crate) format: Format,
    pub(crate) text: String,
}

/// The most that is taken, less what is put around.
const FULL: usize = (1 << 20) - 300;

/// What is repeated up to the largest text, in the middle of something or from the start.
const UNITS: [&str; 62] = [
    "[",
    "{",
    "{a: ",
    "- ",
    "? ",
    "?\n",
    "-\n",
    ": ",
    "-",
    "!",
    "!a ",
    "!!str ",
    "&a ",
    "&",
    "*a ",
    "#",
    "# x\n",
    "\n",
    " ",
    "\t",
    "%",
    "%TAG ! a\n",
    "---\n",
    "--- a\n",
    "...\n",
    "|\n",
    ">\n a\n\n",
    "\"",
    "'",
    "\\",
    "a",
    "a: ",
    "a:\n",
    "a\n",
    ",",
    "[],",
    "{a},",
    "a: b, ",
    "? a, ",
    "<<: ",
    "\u{feff}",
    "é",
    "0",
    "1",
    "1,",
    "1\n",
    "\r",
    "\u{85}",
    "\u{2028}",
    "@",
    "&a !!str ",
    "? a\n: b\n",
    "''",
    "a #b\n",
    "[a: b, ",
    "{\"a\":",
    "[[],",
    "!<a> ",
    "\"\\u0041",
    "{*a : 1},",
    "\"\\",
    "1e1",
];

/// Texts that no binding may choke on.
pub(crate) fn texts() -> Vec<Hostile> {
    let mut all = shaped();
    for unit in UNITS {
        let places = [("", ""), ("in a list ", "["), ("in a value ", "a: "), ("in quotes ", "\"")];
        for (name, begin) in &places[..rounds(2, places.len())] {
            let text = (*begin).to_owned() + &unit.repeat(FULL / unit.len());
            for format in [Format::Yaml, Format::Json] {
                all.push(Hostile { name: format!("{name}{unit:?}"), format, text: text.clone() });
            }
        }
    }
    all
}

/// Texts with a plan.
pub(crate) fn shaped() -> Vec<Hostile> {
    let pad = |unit: &str, length: usize| unit.repeat(length / unit.len());
    let numbered = |count: usize, unit: &dyn Fn(usize) -> String| (0..count).map(unit).collect::<String>();
    let members = numbered(49_000, &|number| format!("\"k{number}\": 1,"));
    let yaml = [
        ("240 KB of mappings", pad("{a: ", 240_000)),
        ("100,000 keys", numbered(100_000, &|number| format!("k{number}: 1\n"))),
        ("49,000 keys", numbered(49_000, &|number| format!("k{number}: 1\n"))),
        ("keys of 10,000 characters", numbered(100, &|number| format!("{}{number}: 1\n", "k".repeat(10_000)))),
        ("keys of 40,000 characters", numbered(25, &|number| format!("? {}{number}\n: 1\n", "k".repeat(40_000)))),
        ("laughs", laughs()),
        ("many copies of a list", format!("a: &a [{}]\nb: [{}]", "x,".repeat(500), "*a,".repeat(300_000))),
        ("many copies of a string", format!("a: &a {}\nb: [{}]", "x".repeat(30_000), "*a,".repeat(300_000))),
        ("anchors in anchors", "- &a ".to_owned() + &"[&a ".repeat(100) + &"1,".repeat(90_000) + &"]".repeat(100)),
        ("a chain of merge keys", format!("{}{{{members}}}{}", "{<<: ".repeat(120), "}".repeat(120))),
        ("lists of merge keys", format!("{}{{{members}}}{}", "{a: 1, <<: [".repeat(60), "]}".repeat(60))),
        ("merged again and again", format!("a: &a {{{members}}}\nb: [{}]", "{<<: *a},".repeat(5_000))),
        ("anchors and aliases", numbered(12_000, &|number| format!("- &a{number} x\n- *a{number}\n"))),
        ("tag directives", numbered(38_000, &|number| format!("%TAG !t{number}! tag:x\n")) + "---\na: 1\n"),
        ("documents", pad("---\na: 1\n", FULL)),
        ("folded lines", format!("a: >\n{}", "  x\n   y\n".repeat(110_000))),
        ("lines in quotes", format!("a: \"{}\"", " x\n".repeat(330_000))),
        ("rising indents", (1..1400).map(|indent| " ".repeat(indent % 700) + "- x\n").collect()),
        ("a flow collection that turns out to be a key", format!("[{}]: x", "a, ".repeat(10_000))),
    ];
    let json = [
        ("members", format!("{{{members}\"z\":1}}")),
        (
            "members with escapes",
            format!("{{{}\"z\":1}}", numbered(60_000, &|number| format!("\"\\u006b{number}\":1,"))),
        ),
        ("a key that is there twice at last", format!("{{{members}\"k1\":1}}")),
        ("a long integer", format!("[{}]", "9".repeat(FULL))),
        ("a long fraction", format!("[0.{}]", "9".repeat(FULL))),
        ("a long exponent", format!("[1e{}]", "9".repeat(FULL))),
        ("doubles", format!("[{}1]", "1.2345678901234567e-300,".repeat(43_000))),
        ("a long string", format!("[\"{}\"]", "x".repeat(FULL))),
        ("a long string of escapes", format!("[\"{}\"]", "\\u0041".repeat(FULL / 6))),
        ("deep and wide", format!("{}[{}1]{}", "{\"a\":".repeat(120), "1,".repeat(49_000), "}".repeat(120))),
        ("many deep rows", format!("[{}1]", (("[".repeat(126)) + &"]".repeat(126) + ",").repeat(390))),
        (
            "numbers that cannot be kept, far in",
            format!(
                "{}[{}1]{}",
                format!("{{\"{}\":", "k".repeat(10_000)).repeat(100),
                "1e999,".repeat(99),
                "}".repeat(100)
            ),
        ),
    ];
    let named = |format| move |(name, text): (&str, String)| Hostile { name: name.to_owned(), format, text };
    // JSON is YAML as well.
    let both = json.iter().map(|(name, text)| (*name, text.clone())).map(named(Format::Yaml)).collect::<Vec<_>>();
    yaml.into_iter().map(named(Format::Yaml)).chain(json.into_iter().map(named(Format::Json))).chain(both).collect()
}

/// Nine aliases of nine aliases of nine aliases.
fn laughs() -> String {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let aliases = format!("*a{},", level - 1).repeat(9);
        text += &format!("a{level}: &a{level} [{aliases}]\n");
    }
    text
}

/// Deployments that are well formed, as large as a request may be, and full of what is slow to judge.
pub(crate) fn deployments() -> Vec<(String, String)> {
    let deployment = |metadata: &str, spec: &str| {
        format!(
            r#"{{"metadata":{{"name":"x"{metadata}}},"spec":{{"deploymentTargetName":"jobs","template":{{"spec":{{"artifact":{{"kind":"JAR","jarUri":"s3://a/b.jar"}}{spec}}}}}}}}}"#
        )
    };
    let mut all = Vec::new();
    for (count, value) in [(100_000, "1"), (49_000, "1"), (49_000, "[]"), (49_000, "null"), (49_000, "\"\"")] {
        let members: String = (0..count).map(|number| format!("\"{number}\":{value},")).collect();
        let map = format!("{{{}}}", members.trim_end_matches(','));
        for name in ["labels", "annotations", "else"] {
            all.push((format!("{count} {name} {value}"), deployment(&format!(r#","{name}":{map}"#), "")));
        }
        all.push((format!("{count} members of metadata {value}"), deployment(&format!(",{}\"z\":1", members), "")));
        for name in ["flinkConfiguration", "parallelism", "else"] {
            all.push((format!("{count} {name} {value}"), deployment("", &format!(r#","{name}":{map}"#))));
        }
    }
    let long: String = (0..99).map(|number| format!("\"{}{number}\":[],", "k".repeat(10_000))).collect();
    all.push(("long labels".to_owned(), deployment(&format!(",\"labels\":{{{long}\"z\":1}}"), "")));
    all.push(("long members".to_owned(), deployment("", &format!(",\"flinkConfiguration\":{{{long}\"z\":1}}"))));
    all.push(("a long name".to_owned(), format!(r#"{{"metadata":{{"name":"{}"}}}}"#, "x".repeat(FULL))));
    let deep = format!("{}[{}1]{}", "{\"a\":".repeat(110), "1,".repeat(49_000), "}".repeat(110));
    all.push(("deep and wide".to_owned(), deployment("", &format!(",\"else\":{deep}"))));
    all.retain(|(_, text)| text.len() <= 1 << 20);
    all
}
