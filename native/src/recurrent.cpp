// The ops of gated DeltaNet and gated attention. A thread has some channels or columns of all sequences: each of these is
// worked on by itself, so that no thread waits for another, and a token's bits depend on what came before it alone.
#include <algorithm>
#include <cmath>

#include "program.h"

namespace yq {

constexpr int64_t CHANNELS = 64;  // of a convolution, together
constexpr int64_t STRIP = 32;     // columns of a state that stay in the nearest cache
constexpr float UNIT_EPS = 1e-6f;

static int64_t runs(const yq_rows &x) { return x.width / x.run; }

// The state of a sequence.
static float *slot(const Turn &turn, int64_t sequence) {
    return turn.op().state + turn.step.state_slots[sequence] * turn.op().slot_stride;
}

// in[0], in[1] ... side by side (T, C), through `window` taps in weight[0] (taps, C) -> out[0] (T, C). The state holds the
// last taps - 1 inputs of each sequence.
void conv(const Turn &turn) {
    const yq_op &op = turn.op();
    const yq_step &step = turn.step;
    int64_t units = 0, first, last;
    for (int i = 0; i < op.count; i++) units += runs(op.in[i]) * ((op.in[i].run + CHANNELS - 1) / CHANNELS);
    turn.part(units, first, last);
    int64_t unit = 0, before = 0;
    for (int i = 0; i < op.count; before += op.in[i++].width) {
        const yq_rows &x = op.in[i];
        for (int64_t run = 0; run < runs(x); run++) {
            for (int64_t at = 0; at < x.run; at += CHANNELS, unit++) {
                if (unit < first || unit >= last) continue;
                const int64_t channel = before + run * x.run + at;
                for (int64_t s = 0; s < step.num_seqs; s++) {
                    const int64_t begin = step.offsets[s];
                    kernels().conv({row(x, begin) + run * x.gap + at, x.stride, step.offsets[s + 1] - begin,
                                    op.weight[0] + channel, slot(turn, s) + channel, op.width, op.window,
                                    int(std::min(CHANNELS, x.run - at)),
                                    op.out[0] + begin * op.out_stride[0] + channel, op.out_stride[0]});
                }
            }
        }
    }
}

// Element i of a row that may lie in runs.
static float element(const yq_rows &x, int64_t t, int64_t i) { return row(x, t)[i / x.run * x.gap + i % x.run]; }

static void prepare_token(const Turn &turn, int64_t t, float *unit) {
    const yq_op &op = turn.op();
    const int64_t size = op.head_dim, wide = op.num_kv_heads * size;
    const float scale = 1.0f / std::sqrt(float(size));
    for (int64_t head = 0; head < op.num_kv_heads; head++) {
        kernels().unit(row(op.in[0], t) + head * size, size, UNIT_EPS, scale, unit + head * size);
        kernels().unit(row(op.in[1], t) + head * size, size, UNIT_EPS, 1.0f, unit + wide + head * size);
    }
    for (int64_t head = 0; head < op.num_heads; head++) {
        float *gates = turn.scratch.gates.data() + 2 * (t * op.num_heads + head);
        const double a = double(element(op.in[4], t, head)) + double(op.weight[1][head]);
        const double rate = a > 30.0 ? a : std::log1p(std::exp(a));
        gates[0] = float(1.0 / (1.0 + std::exp(-double(element(op.in[3], t, head)))));
        gates[1] = float(std::exp(-std::exp(double(op.weight[0][head])) * rate));
    }
}

// q in[0], k in[1] (T, M, H), v in[2] (T, N, P), b in[3] and a in[4] (T, N), logarithms of the decays weight[0] and their
// biases weight[1] (N) -> out[0] (T, N, P). The state holds (N, H, P) of each sequence. M is num_kv_heads, N num_heads.
void delta(const Turn &turn) {
    const yq_op &op = turn.op();
    const yq_step &step = turn.step;
    const int64_t keys = op.num_kv_heads * op.head_dim, values = op.width, per_key = op.num_heads / op.num_kv_heads;
    float *unit = turn.scratch.unit.data();
    int64_t first, last;
    turn.part(step.num_tokens, first, last);
    for (int64_t t = first; t < last; t++) prepare_token(turn, t, unit + t * 2 * keys);
    turn.team.barrier();
    const int64_t strip = step.num_tokens == step.num_seqs ? 4 * STRIP : STRIP, strips = (values + strip - 1) / strip;
    turn.part(op.num_heads * strips, first, last);
    for (int64_t i = first; i < last; i++) {
        const int64_t head = i / strips, low = i % strips * strip;
        for (int64_t s = 0; s < step.num_seqs; s++) {
            const int64_t begin = step.offsets[s], count = step.offsets[s + 1] - begin;
            if (count == 0) continue;
            const float *q = unit + begin * 2 * keys + head / per_key * op.head_dim;
            const Delta one{q, q + keys, 2 * keys, row(op.in[2], begin) + head * values, op.in[2].stride,
                            turn.scratch.gates.data() + 2 * (begin * op.num_heads + head), 2 * op.num_heads, count,
                            slot(turn, s) + head * op.head_dim * values, values, op.head_dim,
                            op.out[0] + begin * op.out_stride[0] + head * values, op.out_stride[0]};
            kernels().delta(one, low, std::min(low + strip, values));
        }
    }
}

void delta_room(Scratch &scratch, const Prepared &one, int64_t max_rows) {
    grow(scratch.unit, max_rows * 2 * one.op.num_kv_heads * one.op.head_dim);
    grow(scratch.gates, max_rows * 2 * one.op.num_heads);
}

// in[0] (T, N, P) normalised by weight[0] (P), times silu of in[1] -> out[0] (T, N, P); `width` is P.
void gated_norm(const Turn &turn) {
    const yq_op &op = turn.op();
    const int64_t heads = op.in[0].width / op.width;
    int64_t first, last;
    turn.part(turn.step.num_tokens * heads, first, last);
    for (int64_t i = first; i < last; i++) {
        const int64_t t = i / heads, at = i % heads * op.width;
        const yq_rows &gate = op.in[1];
        kernels().gated_norm(row(op.in[0], t) + at, row(gate, t) + at / gate.run * gate.gap + at % gate.run,
                             op.weight[0], op.eps, op.width, op.out[0] + t * op.out_stride[0] + at);
    }
}

// sigmoid of in[0] times in[1] -> out[0].
void sigmoid_mul(const Turn &turn) {
    const yq_op &op = turn.op();
    const yq_rows &gate = op.in[0];
    int64_t first, last;
    turn.part(turn.step.num_tokens * runs(gate), first, last);
    for (int64_t i = first; i < last; i++) {
        const int64_t t = i / runs(gate), run = i % runs(gate), at = run * gate.run;
        kernels().sigmoid_mul(row(gate, t) + run * gate.gap, row(op.in[1], t) + at, gate.run,
                              op.out[0] + t * op.out_stride[0] + at);
    }
}

}  // namespace yq
