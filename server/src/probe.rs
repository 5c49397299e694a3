//! Probes: whether the server lives, has started, and can serve, as kube-apiserver answers them over HTTP.

mod answer;
mod checks;

use kindstore::Store;

pub(crate) use self::answer::answer;
pub(crate) use self::checks::{Check, failing};

/// What a probe asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Probe {
    /// Whether the server answers at all; otherwise it is to be started again.
    Live,
    /// Whether it serves requests now; otherwise they are to go elsewhere.
    Ready,
    /// Whether its store is open and indexed; until then nobody is to ask for more.
    Started,
}

impl Probe {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Live, Self::Ready, Self::Started];

    /// Returns its name, which is its path over REST and its service in gRPC health.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Probe::Live => "livez",
            Probe::Ready => "readyz",
            Probe::Started => "startupz",
        }
    }

    /// Returns the probe of a path and the one check that the path is about, if it is about one: `/readyz/writes`.
    pub(crate) fn of(path: &str) -> Option<(Self, Option<&str>)> {
        let path = path.strip_prefix('/')?;
        let path = path.strip_suffix('/').unwrap_or(path);
        let (name, check) = path.split_once('/').map_or((path, None), |(name, check)| (name, Some(check)));
        Self::ALL.into_iter().find(|probe| probe.name() == name).map(|probe| (probe, check))
    }

    /// Returns the names of its checks.
    pub(crate) fn names(self) -> &'static [&'static str] {
        match self {
            Probe::Live => &["ping"],
            Probe::Started => &["store", "index"],
            Probe::Ready => &["store", "reads", "writes", "space", "index", "lag"],
        }
    }

    /// Returns its checks; a store that is not open yet is `None`.
    pub(crate) fn checks(self, store: Option<&Store>) -> Vec<Check> {
        match self {
            Probe::Live => vec![Check::passed("ping")],
            Probe::Started => checks::started(store),
            Probe::Ready => checks::ready(store),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_probe_or_one_check_of_it() {
        for (path, expected) in [
            ("/livez", Some((Probe::Live, None))),
            ("/readyz/", Some((Probe::Ready, None))),
            ("/readyz/writes", Some((Probe::Ready, Some("writes")))),
            ("/startupz", Some((Probe::Started, None))),
            ("/readyzz", None),
            ("/api/readyz", None),
            ("livez", None),
        ] {
            assert_eq!(Probe::of(path), expected, "{path}");
        }
    }
}
