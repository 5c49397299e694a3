//! Runs an operation from many threads and says how often, how fast, and at what cost.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::process;

/// What a load came to.
pub(crate) struct Load {
    pub(crate) operations: usize,
    pub(crate) elapsed: Duration,
    /// Processor time of this process, all threads together.
    pub(crate) cpu: Duration,
    /// The time of each operation in nanoseconds, sorted.
    latencies: Vec<u64>,
}

impl Load {
    /// A load from the times of its operations.
    pub(crate) fn new(mut latencies: Vec<u64>, elapsed: Duration, cpu: Duration) -> Self {
        latencies.sort_unstable();
        Self { operations: latencies.len(), elapsed, cpu, latencies }
    }

    /// Operations per second.
    pub(crate) fn rate(&self) -> f64 {
        self.operations as f64 / self.elapsed.as_secs_f64()
    }

    /// The time in microseconds that this share of the operations did not exceed.
    pub(crate) fn percentile(&self, share: f64) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        self.latencies.get((last as f64 * share) as usize).map_or(0.0, |nanos| *nanos as f64 / 1000.0)
    }

    /// Processor time in microseconds for each operation.
    pub(crate) fn cpu_per_operation(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.operations.max(1) as f64
    }
}

/// Runs `operation` for the numbers of a range, spread over threads. An operation is told its thread and its number.
pub(crate) fn run(threads: usize, numbers: std::ops::Range<usize>, operation: impl Fn(usize, usize) + Sync) -> Load {
    let next = AtomicUsize::new(numbers.start);
    let (begun, cpu) = (Instant::now(), process::cpu(std::process::id()));
    let latencies = std::thread::scope(|scope| {
        let (next, operation, end) = (&next, &operation, numbers.end);
        let work = move |thread: usize| {
            let mut latencies = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= end {
                    return latencies;
                }
                let begun = Instant::now();
                operation(thread, number);
                latencies.push(begun.elapsed().as_nanos() as u64);
            }
        };
        let workers: Vec<_> = (0..threads).map(|thread| scope.spawn(move || work(thread))).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a worker does not panic")).collect()
    });
    Load::new(latencies, begun.elapsed(), process::cpu(std::process::id()).saturating_sub(cpu))
}

/// The same with tasks that await, `flight` of them at once. `processes` are those whose processor time is counted.
pub(crate) fn run_async<F>(
    flight: usize,
    numbers: std::ops::Range<usize>,
    process: u32,
    operation: impl Fn(usize, usize) -> F + Send + Sync + 'static,
) -> Load
where
    F: Future<Output = ()> + Send,
{
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime starts");
    let (next, operation) = (Arc::new(AtomicUsize::new(numbers.start)), Arc::new(operation));
    let (begun, cpu) = (Instant::now(), process::cpu(process));
    let tasks: Vec<_> = (0..flight)
        .map(|task| {
            let (next, operation) = (Arc::clone(&next), Arc::clone(&operation));
            runtime.spawn(async move {
                let mut latencies = Vec::new();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= numbers.end {
                        return latencies;
                    }
                    let begun = Instant::now();
                    operation(task, number).await;
                    latencies.push(begun.elapsed().as_nanos() as u64);
                }
            })
        })
        .collect();
    let latencies = runtime.block_on(async {
        let mut all = Vec::new();
        for task in tasks {
            all.extend(task.await.expect("a task does not panic"));
        }
        all
    });
    Load::new(latencies, begun.elapsed(), process::cpu(process).saturating_sub(cpu))
}
