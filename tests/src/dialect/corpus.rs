//! Values that are hard to write as YAML: words, numbers and marks that some reader takes for something else, and chance.

use kindstore::Json;
use serde_json::{Value, json};

use crate::chance::Chance;

/// Strings that some reader takes for something else.
const WORDS: &str = "yes Yes YES no No NO on On ON off Off OFF y Y n N true True TRUE false False FALSE null Null NULL ~ = << \
    .inf -.inf +.Inf .INF .nan .NaN NaN inf Infinity 0 -0 +0 00 017 -017 +017 0o17 0O17 08 09 0x1F 0X1F -0xff 0b11 0B11 -0b1 1_000 \
    1__0 0x_f 0_7 _1 1_ 1.10 1. .5 -.5 +.5 . .. ... .... - -- --- ---- + +1 -1 1e3 1E3 1e+3 1.5e3 1.5e+3 1e400 -1e400 1e-400 1e e1 \
    0e0 0.e1 .e1 1.e+1 190:20:30 1:30 -1:30 190:20:30.15 12:30:45 08:00 00:00 1: :1 1:2:3:4 2024-01-01 2024-1-1 2024-01 20240101 \
    2024-01-01T00:00:00Z 2001-12-14t21:59:43.10-05:00 9007199254740993 18446744073709551616 -9223372036854775809 1,000 1.2.3 \
    10.0.0.1 1-2 1/2 12e45678-1234-4234-8234-123456789012 1234567e8 ? ?a :a a: a:b #a a#b &a *a !a !!str !!binary | |- |+2 > >- % %a %YAML @a `a \
    ' '' 'a' \" \"\" \"a\" [ [a] ] { {a} } , ,a a, [] {} \\ \\n \\u0041 \\ud83d a\\ $ ^ ; é 日本 🦀 \u{a0} \u{a0}a a\u{a0} \u{85} a\u{85}b \
    \u{2028} a\u{2029}b \u{feff} \u{feff}a a\u{feff}b \u{7f} \u{80} \u{9f} \u{ad} \u{200b} \u{d7ff} \u{e000} \u{fdd0} \u{fffd} \u{fffe} \
    \u{ffff} \u{10000} \u{1ffff} \u{10ffff} __proto__ constructor";

/// Strings with spaces and line breaks in them.
const LINES: [&str; 64] = [
    "",
    " ",
    "  ",
    " a",
    "a ",
    "a  b",
    "\t",
    "\ta",
    "a\t",
    "a\tb",
    "\n",
    "\n\n",
    "\n\n\n",
    "a\n",
    "a\n\n",
    "a\n\n\n",
    "\na",
    "\n\na\n",
    " \n",
    "\n ",
    " \n ",
    "a\n ",
    "a\n \n",
    "a \n",
    "a \nb",
    "a\n b",
    " a\nb",
    "  a\n b\n",
    "\n a",
    "\n  a\nb",
    "a\n\tb",
    "\ta\nb",
    "a\n\t\nb",
    "a\n\nb",
    "a\n\n\nb\n",
    "a\r\nb",
    "a\rb",
    "\r",
    "\r\n",
    "a\n\r",
    "a\u{85}\nb",
    "a\u{2028}\nb",
    "# a\nb",
    "a\n# b",
    "a #b",
    "a: b",
    "a:\nb",
    "- a",
    "- a\n- b",
    "---\na",
    "a\n---\nb\n",
    "a\n...\n",
    "--- a",
    "... a",
    "? a\n: b",
    "%YAML 1.1\n---\n",
    "key: |\n  x\n",
    "1\n",
    "true\n",
    "\0",
    "a\0b",
    "\u{1b}[0m\n",
    "\"\n'",
    "a\\\nb",
];

/// Letters that mean something to some reader.
const ALPHABET: &str =
    " \n\t\r:#-?,[]{}&*!|>'\"%@`~=<.0123456789eEoxb_+abntyfNYO/\\é\u{85}\u{a0}\u{2028}\u{feff}🦀\0\u{7f}\u{1b}\u{ffff}";

/// Each string that is hard, then values of chance.
pub(super) fn values(chance: &mut Chance, count: usize) -> Vec<Json> {
    let hard: Vec<String> = WORDS.split(' ').chain(LINES).map(str::to_owned).chain(super::page::odd_texts()).collect();
    let mut values: Vec<Value> = hard.iter().flat_map(|text| [json!(text), everywhere(text)]).collect();
    values.extend(sizes());
    let mut picker = Picker { chance, hard };
    values.extend((0..count).map(|_| picker.members(0)));
    values.into_iter().map(Json::from).collect()
}

/// The string wherever a string can stand, key or value.
fn everywhere(text: &str) -> Value {
    let members = |value: Value| Value::from_iter([(text.to_owned(), value)]);
    json!({"a": [text, [text, [text]], members(json!(text)), [members(json!([text]))]], "b": members(members(json!([])))})
}

/// What is long or deep, and numbers at their ends.
fn sizes() -> Vec<Value> {
    let mut all = vec![json!([i64::MIN, i64::MAX, u64::MAX, 0, -1, 1_u64 << 53, (1_u64 << 53) + 1])];
    let floats = [
        0.0,
        -0.0,
        1.0,
        -1.5,
        1e16,
        1e15,
        1e21,
        1e-5,
        1e-7,
        1e300,
        5e-324,
        1e22,
        f64::MAX,
        f64::MIN_POSITIVE,
        123456.789,
    ];
    all.push(json!({"floats": floats}));
    for length in [120, 130, 990, 1000, 1020, 1030, 5000] {
        for letter in ["k", "é", "\"", "a b "] {
            let key = letter.repeat(length / letter.len());
            all.push(json!([
                Value::from_iter([(key.clone(), json!(["x"]))]),
                Value::from_iter([(key.clone(), json!(key))])
            ]));
        }
    }
    for leaf in [json!("x: y"), json!({"on": "a\nb\n"}), json!([{"": "\u{85}"}])] {
        for depth in [19, 20, 21, 22, 35] {
            let lists = (0..depth).fold(leaf.clone(), |inner, _| json!([inner, 1]));
            all.push(lists);
            all.push((0..depth).fold(leaf.clone(), |inner, level| json!({"no": inner, "z": level})));
        }
    }
    all
}

struct Picker<'a> {
    chance: &'a mut Chance,
    hard: Vec<String>,
}

impl Picker<'_> {
    fn value(&mut self, depth: usize) -> Value {
        let size = self.chance.below(4);
        match self.chance.below(if depth < 4 { 10 } else { 6 }) {
            0 => [Value::Null, json!(true), json!(false), json!([]), json!({})][self.chance.below(5) as usize].clone(),
            1 => self.number(),
            2..=5 => json!(self.text()),
            6 | 7 => (0..size).map(|_| self.value(depth + 1)).collect(),
            _ => self.members(depth),
        }
    }

    fn members(&mut self, depth: usize) -> Value {
        (0..=self.chance.below(4)).map(|_| (self.text(), self.value(depth + 1))).collect()
    }

    fn number(&mut self) -> Value {
        let bits = self.chance.next();
        match self.chance.below(5) {
            0 => json!(bits),
            1 => json!(bits as i64),
            2 => json!(bits as i64 >> (bits % 64)),
            3 => json!((bits >> 40) as f64 / 1000.0),
            _ => Some(f64::from_bits(bits)).filter(|float| float.is_finite()).map_or(json!(0.5), |float| json!(float)),
        }
    }

    fn text(&mut self) -> String {
        if self.chance.one_in(3) {
            return self.hard[self.chance.below(self.hard.len() as u64) as usize].clone();
        }
        let letters: Vec<char> = ALPHABET.chars().collect();
        let length = if self.chance.one_in(20) { 120 } else { 9 };
        (0..self.chance.below(length)).map(|_| letters[self.chance.below(letters.len() as u64) as usize]).collect()
    }
}
