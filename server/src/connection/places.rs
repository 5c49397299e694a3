//! The places for connections: as many as the server takes, in fair shares for its peers, and a few more for health probes.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// The most connections at once, besides those for probes.
const MAX_CONNECTIONS: usize = 2048;

/// The places that are left when peers get no more than a fair share, and how many that is.
const SCARCE: usize = MAX_CONNECTIONS / 4;
const FAIR: usize = MAX_CONNECTIONS / 4;

/// The most connections at once that only probe.
const MAX_PROBES: usize = 32;

/// How long an HTTP/2 connection may be without a request when places are scarce.
const SCARCE_IDLE: Duration = Duration::from_secs(15);

/// The places for connections.
#[derive(Debug)]
pub(crate) struct Places {
    usual: Arc<Semaphore>,
    /// The newest connections that only probe. One that is taken out here is closed.
    probes: Mutex<VecDeque<oneshot::Sender<Infallible>>>,
    /// How many of the usual places each peer holds.
    peers: Mutex<HashMap<IpAddr, usize>>,
}

/// The place of a connection, given back when this is dropped.
#[derive(Debug)]
pub(crate) enum Place {
    Usual(UsualPlace),
    /// For a connection that may only ask for the server's health. It resolves when others need the place.
    Probe(oneshot::Receiver<Infallible>),
}

/// One of the places that a peer holds.
#[derive(Debug)]
pub(crate) struct UsualPlace {
    _permit: OwnedSemaphorePermit,
    peer: IpAddr,
    places: Arc<Places>,
}

impl Places {
    pub(crate) fn new() -> Arc<Self> {
        let usual = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        Arc::new(Self { usual, probes: Mutex::default(), peers: Mutex::default() })
    }

    /// Gives a peer a usual place, if it may have one, or else one for probes.
    pub(crate) fn give(self: &Arc<Self>, peer: IpAddr) -> Place {
        let peer = counted(peer);
        let mut peers = self.peers.lock().unwrap_or_else(PoisonError::into_inner);
        let held = peers.get(&peer).copied().unwrap_or_default();
        let is_fair = held < FAIR || !self.is_scarce();
        match Arc::clone(&self.usual).try_acquire_owned() {
            Ok(_permit) if is_fair => {
                peers.insert(peer, held + 1);
                Place::Usual(UsualPlace { _permit, peer, places: Arc::clone(self) })
            }
            _ => self.probe(),
        }
    }

    // The newest win: a probe takes a moment, and who keeps a place longer has no use for it.
    fn probe(&self) -> Place {
        let (place, taken) = oneshot::channel();
        let mut probes = self.probes.lock().unwrap_or_else(PoisonError::into_inner);
        if probes.len() == MAX_PROBES {
            probes.pop_front();
        }
        probes.push_back(place);
        Place::Probe(taken)
    }

    /// How long a connection may be idle now, if it is so long otherwise.
    pub(crate) fn idle_limit(&self, usual: Duration) -> Duration {
        if self.is_scarce() { usual.min(SCARCE_IDLE) } else { usual }
    }

    fn is_scarce(&self) -> bool {
        self.usual.available_permits() <= SCARCE
    }

    fn leave(&self, peer: IpAddr) {
        let mut peers = self.peers.lock().unwrap_or_else(PoisonError::into_inner);
        match peers.get_mut(&peer) {
            Some(held) if *held > 1 => *held -= 1,
            _ => drop(peers.remove(&peer)),
        }
    }
}

impl Drop for UsualPlace {
    fn drop(&mut self) {
        self.places.leave(self.peer);
    }
}

/// The address that a peer counts under: of IPv6 the network, since each peer has all addresses of its own.
fn counted(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(last: u8) -> IpAddr {
        [10, 0, 0, last].into()
    }

    fn take(places: &Arc<Places>, last: u8, count: usize) -> Vec<Place> {
        let mut all = Vec::new();
        for _ in 0..count {
            match places.give(peer(last)) {
                Place::Probe(_) => break,
                place => all.push(place),
            }
        }
        all
    }

    #[test]
    fn a_peer_takes_most_places_and_leaves_a_share_to_others() {
        let places = Places::new();
        let one = take(&places, 1, usize::MAX);
        assert_eq!(one.len(), MAX_CONNECTIONS - SCARCE);
        assert_eq!(places.idle_limit(Duration::from_secs(300)), SCARCE_IDLE);
        let other = take(&places, 2, usize::MAX);
        assert_eq!(other.len(), FAIR, "all that were left");
        assert!(take(&places, 3, 1).is_empty(), "none is left");
        drop(one);
        assert_eq!(places.idle_limit(Duration::from_secs(300)), Duration::from_secs(300));
        assert_eq!(take(&places, 3, 10).len(), 10);
        drop(other);
        assert!(places.peers.lock().expect("nobody panicked").is_empty(), "nothing is kept of who has gone");
        assert_eq!(places.usual.available_permits(), MAX_CONNECTIONS);
    }

    #[test]
    fn the_newest_probes_have_the_places_for_them() {
        let places = Places::new();
        let _held = [take(&places, 1, usize::MAX), take(&places, 2, usize::MAX)];
        let mut probes: Vec<_> = (0..=MAX_PROBES).map(|_| places.give(peer(3))).collect();
        let mut is_taken = |number: usize| match &mut probes[number] {
            Place::Probe(taken) => taken.try_recv() == Err(oneshot::error::TryRecvError::Closed),
            Place::Usual(_) => panic!("there are none left"),
        };
        assert_eq!([0, 1, MAX_PROBES].map(&mut is_taken), [true, false, false]);
    }

    #[test]
    fn addresses_of_one_network_are_one_peer() {
        assert_eq!(
            counted("2001:db8:1:2:3:4:5:6".parse().expect("an address")),
            counted("2001:db8:1:2::1".parse().expect("an address"))
        );
        assert_eq!(counted("::ffff:10.0.0.1".parse().expect("an address")), peer(1));
        assert_ne!(counted(peer(1)), counted(peer(2)));
    }
}
