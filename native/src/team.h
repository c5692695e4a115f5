// A team of threads that run one function together, and wait for each other at barriers inside it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "../yunqi_native.h"

namespace yq {

// How work went that may run out of memory: nothing is thrown across the C interface.
template <typename Work>
static inline int status_of(Work work) {
    try {
        work();
        return 0;
    } catch (...) {  // nothing else throws here but the want of memory or of threads
        return YQ_NO_MEMORY;
    }
}

static inline void relax() {
#if defined(__x86_64__) || defined(_M_X64)
    __builtin_ia32_pause();
#else
    std::this_thread::yield();
#endif
}

// Waiting spins for a while, since the next piece of work mostly comes at once, then gives the processor away.
template <typename Condition>
static inline bool spin_until(Condition condition, int rounds) {
    for (int i = 0; i < rounds; i++) {
        if (condition()) return true;
        relax();
    }
    return condition();
}

class Team {
  public:
    explicit Team(int num_threads) : size_(num_threads < 1 ? 1 : num_threads) {
        try {
            threads_.reserve(size_t(size_ - 1));
            for (int i = 1; i < size_; i++) threads_.emplace_back([this, i] { work(i); });
        } catch (...) {
            stop();
            throw;
        }
    }
    ~Team() { stop(); }

    int size() const { return size_; }

    // Every thread calls task(its index); returns when all have.
    void run(const std::function<void(int)> &task) {
        if (size_ == 1) return task(0);
        task_ = &task;
        done_.store(0, std::memory_order_relaxed);
        {
            std::lock_guard<std::mutex> lock(mutex_);
            epoch_.fetch_add(1, std::memory_order_release);
        }
        if (sleepers_.load() > 0) wake_.notify_all();
        task(0);
        while (!spin_until([this] { return done_.load(std::memory_order_acquire) == size_ - 1; }, 4096))
            std::this_thread::yield();
    }

    // Inside a task: nobody goes on before everybody has come.
    void barrier() {
        if (size_ == 1) return;
        unsigned round = round_.load(std::memory_order_acquire);
        if (arrived_.fetch_add(1, std::memory_order_acq_rel) == size_ - 1) {
            arrived_.store(0, std::memory_order_relaxed);
            round_.store(round + 1, std::memory_order_release);
            return;
        }
        while (!spin_until([&] { return round_.load(std::memory_order_acquire) != round; }, 4096))
            std::this_thread::yield();
    }

  private:
    void stop() {
        {
            std::lock_guard<std::mutex> lock(mutex_);
            stopping_ = true;
            epoch_.fetch_add(1);
        }
        wake_.notify_all();
        for (std::thread &thread : threads_) thread.join();
    }

    void work(int index) {
        uint64_t seen = 0;
        for (;;) {
            auto called = [&] { return epoch_.load(std::memory_order_acquire) != seen; };
            if (!spin_until(called, 20000)) {
                std::unique_lock<std::mutex> lock(mutex_);
                sleepers_.fetch_add(1);
                wake_.wait(lock, called);
                sleepers_.fetch_sub(1);
            }
            seen = epoch_.load(std::memory_order_acquire);
            if (stopping_) return;
            (*task_)(index);
            done_.fetch_add(1, std::memory_order_release);
        }
    }

    const int size_;
    std::vector<std::thread> threads_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::atomic<uint64_t> epoch_{0};
    std::atomic<int> done_{0}, arrived_{0}, sleepers_{0};
    std::atomic<unsigned> round_{0};
    bool stopping_ = false;
    const std::function<void(int)> *task_ = nullptr;
};

// The part [first, last) of n that falls to one of `count` threads.
static inline void share(int64_t n, int index, int count, int64_t &first, int64_t &last) {
    first = n * index / count, last = n * (index + 1) / count;
}

}  // namespace yq

struct yq_team {
    explicit yq_team(int n) : team(n) {}
    yq::Team team;
};
