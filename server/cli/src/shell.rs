//! Completion under bash, which cuts words at `:` and `=`: they are put together again before anything is completed.

use std::ffi::OsString;
use std::io;
use std::path::Path;

use clap::Command;
use clap_complete::env::{Bash, EnvCompleter, Fish, Shells, Zsh};

/// The shells that completion is offered for.
pub(crate) const SHELLS: Shells<'static> = Shells(&[&WholeWords, &Zsh, &Fish]);

/// Bash, with whole words.
#[derive(Debug)]
struct WholeWords;

impl EnvCompleter for WholeWords {
    fn name(&self) -> &'static str {
        Bash.name()
    }

    fn is(&self, name: &str) -> bool {
        Bash.is(name)
    }

    fn write_registration(
        &self,
        variable: &str,
        name: &str,
        bin: &str,
        completer: &str,
        out: &mut dyn io::Write,
    ) -> Result<(), io::Error> {
        Bash.write_registration(variable, name, bin, completer, out)
    }

    fn write_complete(
        &self,
        command: &mut Command,
        words: Vec<OsString>,
        folder: Option<&Path>,
        out: &mut dyn io::Write,
    ) -> Result<(), io::Error> {
        let index = std::env::var("_CLAP_COMPLETE_INDEX").ok().and_then(|index| index.parse().ok()).unwrap_or_default();
        let (words, index) = joined(words, index);
        let current = words.get(index).map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
        // bash completes behind the last `:` or `=`; the part before it is on the line already.
        let cut = current.rfind([':', '=']).map_or(0, |at| at + 1);
        let separator = std::env::var("_CLAP_IFS").unwrap_or_else(|_| "\n".to_owned());
        for (index, candidate) in clap_complete::engine::complete(command, words, index, folder)?.iter().enumerate() {
            let word = candidate.get_value().to_string_lossy();
            let separator = if index == 0 { "" } else { &separator };
            write!(out, "{separator}{}", word.get(cut..).unwrap_or_default())?;
        }
        Ok(())
    }
}

/// The words as they were typed, and which of them the one at `index` is.
pub(crate) fn joined(words: Vec<OsString>, index: usize) -> (Vec<OsString>, usize) {
    // bash cuts words at `:` and `=` (COMP_WORDBREAKS), so that `sled:PATH` arrives as three words.
    let is_break = |word: &OsString| {
        word.to_str().is_some_and(|word| !word.is_empty() && word.chars().all(|c| c == ':' || c == '='))
    };
    let mut whole: Vec<OsString> = Vec::new();
    let (mut at, mut was_break) = (index, false);
    for (position, word) in words.into_iter().enumerate() {
        let is_joined = !whole.is_empty() && (was_break || is_break(&word));
        was_break = is_break(&word);
        match whole.last_mut() {
            Some(last) if is_joined => {
                last.push(&word);
                at -= usize::from(position <= index);
            }
            _ => whole.push(word),
        }
    }
    (whole, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_bash_cut_are_whole_again() {
        let words = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
        let (whole, index) = joined(words("kindstore --server http : //h : 80 get dep"), 8);
        assert_eq!((whole, index), (words("kindstore --server http://h:80 get dep"), 4));
        assert_eq!(joined(words("kindstore get -o jsonpath ="), 4), (words("kindstore get -o jsonpath="), 3));
        assert_eq!(joined(words("kindstore get dep"), 2), (words("kindstore get dep"), 2));
        assert_eq!(joined(words("kindstore"), usize::MAX).1, usize::MAX);
    }
}
