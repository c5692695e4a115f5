// The plain C face of the training kernels, and how a team shares their work.
#include "training.h"

#include "team.h"

namespace yq {

extern const TrainingKernels &scalar_training;
#if defined(YQ_X86)
extern const TrainingKernels &avx2_training, &avx512_training;
#elif defined(YQ_ARM)
extern const TrainingKernels &neon_training;
#endif

const TrainingKernels &training_kernels() {
    switch (yq_level()) {
#if defined(YQ_X86)
        case YQ_AVX512: return avx512_training;
        case YQ_AVX2: return avx2_training;
#elif defined(YQ_ARM)
        case YQ_NEON: return neon_training;
#endif
        default: return scalar_training;
    }
}

// task(i) for every i below n, each by one thread.
template <typename Task>
static void share_out(yq_team *team, int64_t n, Task task) {
    team->team.run([&](int index) {
        int64_t first, last;
        share(n, index, team->team.size(), first, last);
        for (int64_t i = first; i < last; i++) task(i, index);
    });
}

// task(first, last, thread) for the rows that fall to each thread.
template <typename Task>
static void share_rows(yq_team *team, int64_t rows, Task task) {
    team->team.run([&](int index) {
        int64_t first, last;
        share(rows, index, team->team.size(), first, last);
        task(first, last, index);
    });
}

// Room for every thread, on the borders of cache lines.
class Scratch {
  public:
    Scratch(int64_t each, int threads) : each_(round_up(each, 16)), data_(size_t(each_ * threads + 16)) {}
    float *of(int index) {
        uintptr_t start = reinterpret_cast<uintptr_t>(data_.data());
        return reinterpret_cast<float *>((start + 63) / 64 * 64) + index * each_;
    }

  private:
    int64_t each_;
    std::vector<float> data_;
};

// What each thread adds up by itself, joined in one order.
class Sums {
  public:
    Sums(int64_t width, int threads) : width_(width), threads_(threads), room_(width, threads) {}
    float *of(int index) { return room_.of(index); }
    void join(float *total) {
        for (int64_t i = 0; i < width_; i++) {
            total[i] = 0.0f;
            for (int index = 0; index < threads_; index++) total[i] += of(index)[i];
        }
    }

  private:
    int64_t width_;
    int threads_;
    Scratch room_;
};

static DeltaPass delta_of(const yq_delta &x) {
    return {x.kind,        x.num_keys, x.num_values,      x.key_size,        x.value_size,
            x.offsets,     x.num_seqs, {x.q, x.q_stride}, {x.k, x.k_stride}, {x.v, x.v_stride},
            x.decay,       x.beta,     x.rest,            x.states,          {x.out, x.num_values * x.value_size}};
}

}  // namespace yq

extern "C" {

int64_t yq_delta_chunks(const int32_t *offsets, int64_t num_seqs) {
    int64_t count = 0;
    for (int64_t s = 0; s < num_seqs; s++)
        count += (offsets[s + 1] - offsets[s] + yq::DELTA_CHUNK - 1) / yq::DELTA_CHUNK;
    return count;
}

int yq_conv_forward(yq_team *team, int kind, const void *x, const float *weight, int64_t channels, int width,
                    const int32_t *offsets, int64_t num_seqs, void *y) {
    return yq::status_of([&] {
        const yq::TrainingKernels &level = yq::training_kernels();
        yq::share_out(team, channels / 16, [&](int64_t block, int) {
            level.conv_forward(kind, {const_cast<void *>(x), channels}, weight, width, offsets, num_seqs, block,
                               {y, channels});
        });
    });
}

int yq_conv_backward(yq_team *team, int kind, const void *x, const float *weight, int64_t channels, int width,
                     const int32_t *offsets, int64_t num_seqs, const void *dy, void *dx, float *dweight) {
    return yq::status_of([&] {
        const yq::TrainingKernels &level = yq::training_kernels();
        yq::share_out(team, channels / 16, [&](int64_t block, int) {
            level.conv_backward(kind, {const_cast<void *>(x), channels}, weight, width, offsets, num_seqs, block,
                                {const_cast<void *>(dy), channels}, {dx, channels}, dweight);
        });
    });
}

int yq_delta_forward(yq_team *team, const yq_delta *delta) {
    return yq::status_of([&] {
        const yq::TrainingKernels &level = yq::training_kernels();
        const yq::DeltaPass d = yq::delta_of(*delta);
        const int64_t room = yq::delta_scratch(d);
        yq::Scratch scratch(room, team->team.size());
        yq::share_out(team, d.num_keys, [&](int64_t m, int index) {
            level.delta_forward(d, m, scratch.of(index));
        });
    });
}

int yq_delta_backward(yq_team *team, const yq_delta *delta, const yq_delta_gradients *found) {
    return yq::status_of([&] {
        const yq::TrainingKernels &level = yq::training_kernels();
        const yq::DeltaPass d = yq::delta_of(*delta);
        const yq::DeltaGradients g{{const_cast<void *>(found->out), d.out.stride},
                                   {found->q, found->stride},
                                   {found->k, found->stride},
                                   {found->v, found->stride},
                                   found->decay,
                                   found->beta};
        const int64_t room = yq::delta_scratch(d);
        yq::Scratch scratch(room, team->team.size());
        yq::share_out(team, d.num_keys, [&](int64_t m, int index) {
            level.delta_backward(d, g, m, scratch.of(index));
        });
    });
}

int yq_gated_norm_forward(yq_team *team, int kind, const void *x, const void *gate, const float *weight, float eps,
                          int64_t rows, int64_t width, void *y) {
    return yq::status_of([&] {
        const yq::TrainingKernels &level = yq::training_kernels();
        yq::share_rows(team, rows, [&](int64_t first, int64_t last, int) {
            level.gated_norm_forward(kind, x, gate, weight, eps, width, first, last, y);
        });
    });
}

int yq_gated_norm_backward(yq_team *team, int kind, const void *x, const void *gate, const float *weight, float eps,
                           int64_t rows, int64_t width, const void *dy, void *dx, void *dgate, float *dweight) {
    return yq::status_of([&] {
        const yq::TrainingKernels &level = yq::training_kernels();
        yq::Sums sums(width, team->team.size());
        yq::share_rows(team, rows, [&](int64_t first, int64_t last, int index) {
            level.gated_norm_backward(kind, x, gate, weight, eps, width, first, last, dy, dx, dgate, sums.of(index));
        });
        sums.join(dweight);
    });
}

int yq_norm_forward(yq_team *team, int kind, const void *x, const float *weight, float centre, float eps,
                    int64_t rows, int64_t width, void *y) {
    return yq::status_of([&] {
        const yq::TrainingKernels &level = yq::training_kernels();
        yq::share_rows(team, rows, [&](int64_t first, int64_t last, int) {
            level.norm_forward(kind, x, weight, centre, eps, width, first, last, y);
        });
    });
}

int yq_norm_backward(yq_team *team, int kind, const void *x, const float *weight, float centre, float eps,
                     int64_t rows, int64_t width, const void *dy, void *dx, float *dweight) {
    return yq::status_of([&] {
        const yq::TrainingKernels &level = yq::training_kernels();
        yq::Sums sums(width, team->team.size());
        yq::share_rows(team, rows, [&](int64_t first, int64_t last, int index) {
            level.norm_backward(kind, x, weight, centre, eps, width, first, last, dy, dx, sums.of(index));
        });
        sums.join(dweight);
    });
}

int yq_swiglu_forward(yq_team *team, int kind, const void *both, const float *scale, int64_t rows, int64_t width,
                      void *y) {
    return yq::status_of([&] {
        const yq::TrainingKernels &level = yq::training_kernels();
        yq::share_rows(team, rows, [&](int64_t first, int64_t last, int) {
            level.swiglu_forward(kind, both, scale, width, first, last, y);
        });
    });
}

int yq_swiglu_backward(yq_team *team, int kind, const void *both, const float *scale, int64_t rows, int64_t width,
                       const void *dy, void *dboth, float *dscale) {
    return yq::status_of([&] {
        const yq::TrainingKernels &level = yq::training_kernels();
        yq::share_rows(team, rows, [&](int64_t first, int64_t last, int) {
            level.swiglu_backward(kind, both, scale, width, first, last, dy, dboth, dscale);
        });
    });
}
}
