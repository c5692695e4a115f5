// A recorded step and its replay: every thread walks the same list of ops, does its part of each, and waits for the
// others before the next one.
#include "program.h"

#include <cmath>
#include <memory>

namespace yq {

// ids -> out[0] (T, D), from matrix[0].
static void embed(const Turn &turn) {
    const yq_op &op = turn.op();
    int64_t first, last;
    turn.part(turn.step.num_tokens, first, last);
    for (int64_t t = first; t < last; t++)
        unpack_row(op.matrix[0], turn.prepared.layouts[0], turn.step.ids[t], op.out[0] + t * op.out_stride[0]);
}

// positions -> cosines out[0] and sines out[1] (T, R), times `scale`; frequencies in weight[0], or the step's.
static void rope(const Turn &turn) {
    const yq_op &op = turn.op();
    const yq_step &step = turn.step;
    int64_t first, last, sequence = 0;
    turn.part(step.num_tokens, first, last);
    for (int64_t t = first; t < last; t++) {
        while (step.frequencies && sequence + 1 < step.num_seqs && t >= step.offsets[sequence + 1]) sequence++;
        const float *frequency = step.frequencies ? step.frequencies + sequence * op.width : op.weight[0];
        float position = float(step.positions[t]);
        for (int i = 0; i < op.width; i++) {
            float angle = position * frequency[i];
            op.out[0][t * op.out_stride[0] + i] = std::cos(angle) * op.scale;
            op.out[1][t * op.out_stride[1] + i] = std::sin(angle) * op.scale;
        }
    }
}

// in[0] (+ in[1]) -> out[1] the sum, out[0] its norm by weight[0].
static void add_norm(const Turn &turn) {
    const yq_op &op = turn.op();
    int64_t first, last;
    turn.part(turn.step.num_tokens, first, last);
    for (int64_t t = first; t < last; t++)
        kernels().add_norm(row(op.in[0], t), op.in[1].data ? row(op.in[1], t) : nullptr,
                           op.weight[0], op.eps, op.width, op.out[0] + t * op.out_stride[0],
                           op.out[1] + t * op.out_stride[1]);
}

// in[0] (rows, columns) times `count` matrices, with biases where they are given, -> out (rows, rows of the matrix).
// `over_logits`: the rows are those that need logits.
static void linear(const Turn &turn) {
    const yq_op &op = turn.op();
    const int64_t rows = op.over_logits ? turn.step.num_logits : turn.step.num_tokens;
    const int64_t columns = op.matrix[0].columns;
    const int group = op.matrix[0].group;
    int64_t first, last;
    Rows x{op.in[0].data, op.in[0].stride, {}};
    if (group > 0) {
        const int64_t wide = turn.prepared.layouts[0].columns;
        x.q = turn.scratch.rows.view(wide, wide / group);
        turn.part(rows, first, last);
        for (int64_t t = first; t < last; t++)
            kernels().quantise(row(op.in[0], t), columns, group, x.q, t, 0, x.q.groups);
        turn.team.barrier();
    } else if (columns % 2) {  // the kernel reads pairs of columns
        turn.part(rows, first, last);
        for (int64_t t = first; t < last; t++) {
            float *padded = turn.scratch.padded.data() + t * (columns + 1);
            memcpy(padded, row(op.in[0], t), size_t(columns) * 4);
            padded[columns] = 0.0f;
        }
        turn.team.barrier();
        x.x = turn.scratch.padded.data(), x.stride = columns + 1;
    }
    int64_t tiles = 0, before = 0;
    for (const Layout &layout : turn.prepared.layouts) tiles += layout.tiles;
    turn.part(tiles, first, last);
    for (int i = 0; i < op.count; i++) {
        const Layout &layout = turn.prepared.layouts[size_t(i)];
        int64_t low = first - before < 0 ? 0 : first - before, high = last - before;
        high = high > layout.tiles ? layout.tiles : high;
        if (low < high)
            kernels().multiply(op.matrix[i], layout, low, high, x, rows, op.bias[i], op.out[i] + low * YQ_TILE,
                               op.out_stride[i]);
        before += layout.tiles;
    }
}

// To int8 by the largest value, -127 to 127; returns the scale. `put` takes each dimension's.
template <typename Put>
static float write_int8(const float *x, int n, Put put) {
    float largest = 0.0f;
    for (int d = 0; d < n; d++) largest = std::fabs(x[d]) > largest ? std::fabs(x[d]) : largest;
    const float inverse = largest > 0.0f ? 127.0f / largest : 0.0f;
    for (int d = 0; d < n; d++) {
        float whole = (x[d] * inverse + 12582912.0f) - 12582912.0f;  // to the nearest, ties to even
        whole = whole > 127.0f ? 127.0f : whole > -127.0f ? whole : -127.0f;
        put(d, int8_t(whole));
    }
    return largest / 127.0f;
}

// LogN: what the query at a position is multiplied by.
static float log_scale(int length, int64_t position) {
    double scale = std::log(double(position) + 1.0) / std::log(double(length));
    return scale > 1.0 ? float(scale) : 1.0f;
}

static void write_key(const yq_op &op, int64_t slot, int64_t head, const float *x) {
    int64_t block = slot / YQ_BLOCK * op.block_stride + head * op.head_stride, lane = slot % YQ_BLOCK;
    if (op.cache_kind == YQ_F32) {
        float *at = (float *)op.key + block + lane;
        for (int d = 0; d < op.head_dim; d++) at[d * YQ_BLOCK] = x[d];
        return;
    }
    if (op.cache_kind == YQ_INT8) {
        uint8_t *at = (uint8_t *)op.key + block;
        ((float *)(at + cache_scales(op.head_dim)))[lane] = write_int8(x, op.head_dim, [&](int d, int8_t value) {
            const int first = d / 4 * 4, width = op.head_dim - first < 4 ? op.head_dim - first : 4;
            at[first * YQ_BLOCK + lane * width + d % 4] = uint8_t(value + 128);
        });
        return;
    }
    uint16_t *at = (uint16_t *)op.key + block + lane * 2;
    for (int d = 0; d < op.head_dim; d++) at[d / 2 * 2 * YQ_BLOCK + d % 2] = float_to_bf16(x[d]);
}

static void write_value(const yq_op &op, int64_t slot, int64_t head, const float *x) {
    int64_t block = slot / YQ_BLOCK * op.block_stride + head * op.head_stride;
    int64_t at = block + slot % YQ_BLOCK * op.head_dim;
    if (op.cache_kind == YQ_F32) {
        memcpy((float *)op.value + at, x, size_t(op.head_dim) * 4);
        return;
    }
    if (op.cache_kind == YQ_INT8) {
        int8_t *values = (int8_t *)op.value;
        ((float *)(values + block + cache_scales(op.head_dim)))[slot % YQ_BLOCK] =
            write_int8(x, op.head_dim, [&](int d, int8_t value) { values[at + d] = value; });
        return;
    }
    for (int d = 0; d < op.head_dim; d++) ((uint16_t *)op.value)[at + d] = float_to_bf16(x[d]);
}

// q out[0], k out[1], v out[2] in place, but for a q that comes from in[2]: norms weight[0] and weight[1], rotation by
// in[0] and in[1], keys and values into the cache.
static void heads(const Turn &turn) {
    const yq_op &op = turn.op();
    const int64_t per_token = op.num_heads + 2 * op.num_kv_heads;
    int64_t first, last;
    turn.part(turn.step.num_tokens * per_token, first, last);
    for (int64_t i = first; i < last; i++) {
        int64_t t = i / per_token, head = i % per_token;
        int which = head < op.num_heads ? 0 : head < op.num_heads + op.num_kv_heads ? 1 : 2;
        head -= which == 0 ? 0 : which == 1 ? op.num_heads : op.num_heads + op.num_kv_heads;
        float *x = op.out[which] + t * op.out_stride[which] + head * op.head_dim;
        if (which == 2) {
            write_value(op, turn.step.slots[t], head, x);
            continue;
        }
        if (which == 0 && op.in[2].data)
            memcpy(x, row(op.in[2], t) + head * op.in[2].gap, size_t(op.head_dim) * 4);
        Heads one{op.weight[which], op.eps, op.head_dim, op.width};
        kernels().turn(x, one, row(op.in[0], t), row(op.in[1], t));
        if (which == 0 && op.log_length > 0) {
            const float scale = log_scale(op.log_length, turn.step.positions[t]);
            for (int d = 0; d < op.head_dim; d++) x[d] *= scale;
        }
        if (which == 1) write_key(op, turn.step.slots[t], head, x);
    }
}

// in[0] q (T, N * H) over the cache -> out[0] (T, N * H).
static void attention(const Turn &turn) {
    const yq_op &op = turn.op();
    const yq_step &step = turn.step;
    AttentionShape shape{op.num_heads, op.num_kv_heads, op.head_dim, op.window, op.cache_kind, op.scale,
                         (const uint8_t *)op.key, (const uint8_t *)op.value, op.block_stride, op.head_stride};
    const int per_kv = op.num_heads / op.num_kv_heads;
    const int most = attend_tokens(per_kv);
    float *scratch = turn.scratch.attention.data() + turn.index * attend_scratch(per_kv, op.head_dim);
    // Threads take the pieces of a sequence by turns: later tokens have more to read.
    int64_t piece = 0;
    for (int64_t head = 0; head < op.num_kv_heads; head++) {
        const int64_t at = head * per_kv * op.head_dim;
        for (int64_t sequence = 0; sequence < step.num_seqs; sequence++) {
            const int64_t end = step.offsets[sequence + 1];
            for (int64_t t = step.offsets[sequence]; t < end; t += most) {
                if (piece++ % turn.team.size() != turn.index) continue;
                const int tokens = int(end - t < most ? end - t : most);
                kernels().attend(shape, row(op.in[0], t) + at, op.in[0].stride, tokens, head,
                                 step.lengths[sequence] - (end - t), step.tables + sequence * step.table_width, scratch,
                                 op.out[0] + t * op.out_stride[0] + at, op.out_stride[0]);
            }
        }
    }
}

// in[0] gate, in[1] up -> out[0].
static void swiglu(const Turn &turn) {
    const yq_op &op = turn.op();
    int64_t first, last;
    // In pieces of a row, so that one token keeps all threads busy.
    const int64_t piece = 256, pieces = (op.width + piece - 1) / piece;
    turn.part(turn.step.num_tokens * pieces, first, last);
    for (int64_t i = first; i < last; i++) {
        int64_t t = i / pieces, at = i % pieces * piece, width = op.width - at < piece ? op.width - at : piece;
        kernels().swiglu(row(op.in[0], t) + at, row(op.in[1], t) + at, width, op.out[0] + t * op.out_stride[0] + at);
    }
}

// Rows `logit_rows` of in[0] -> out[0].
static void gather(const Turn &turn) {
    const yq_op &op = turn.op();
    int64_t first, last;
    turn.part(turn.step.num_logits, first, last);
    for (int64_t i = first; i < last; i++)
        memcpy(op.out[0] + i * op.out_stride[0], row(op.in[0], turn.step.logit_rows[i]), size_t(op.width) * 4);
}

static void carry_out(const Turn &turn) {
    switch (turn.op().code) {
        case YQ_EMBED: return embed(turn);
        case YQ_ROPE: return rope(turn);
        case YQ_ADD_NORM: return add_norm(turn);
        case YQ_LINEAR: return linear(turn);
        case YQ_HEADS: return heads(turn);
        case YQ_ATTENTION: return attention(turn);
        case YQ_SWIGLU: return swiglu(turn);
        case YQ_MOE: return moe(turn);
        case YQ_CONV: return conv(turn);
        case YQ_DELTA: return delta(turn);
        case YQ_GATED_NORM: return gated_norm(turn);
        case YQ_SIGMOID_MUL: return sigmoid_mul(turn);
        default: return gather(turn);
    }
}

static Prepared prepared(const yq_op &op) {
    Prepared made{op, {}};
    for (int i = 0; i < op.count; i++)
        made.layouts.emplace_back(op.matrix[i].kind, op.matrix[i].rows, op.matrix[i].columns, op.matrix[i].group);
    for (int i = 0; op.experts && i < 3 * (op.num_experts + op.has_shared); i++)
        made.layouts.emplace_back(op.experts[i].kind, op.experts[i].rows, op.experts[i].columns, op.experts[i].group);
    return made;
}

static void make_room(Scratch &scratch, const Prepared &one, int64_t max_rows, int num_threads) {
    const yq_op &op = one.op;
    if (op.code == YQ_ATTENTION)
        grow(scratch.attention, attend_scratch(op.num_heads / op.num_kv_heads, op.head_dim) * num_threads);
    if (op.code == YQ_MOE) moe_room(scratch, one, max_rows);
    if (op.code == YQ_DELTA) delta_room(scratch, one, max_rows);
    if (op.code != YQ_LINEAR) return;
    if (op.matrix[0].group > 0) {
        int64_t columns = one.layouts[0].columns;
        scratch.rows.grow(max_rows, columns, columns / op.matrix[0].group);
    } else if (op.matrix[0].columns % 2) {
        grow(scratch.padded, max_rows * (op.matrix[0].columns + 1));
    }
}

}  // namespace yq

struct yq_program {
    std::vector<yq::Prepared> ops;
    int64_t max_tokens;
    mutable yq::Scratch scratch;
};

// Room is made by one thread, before the others work: what they do must not throw.
static void run(const yq_program &program, yq_team *team, const yq_step &step) {
    for (const yq::Prepared &one : program.ops)
        yq::make_room(program.scratch, one, program.max_tokens, team->team.size());
    team->team.run([&](int index) {
        for (const yq::Prepared &one : program.ops) {
            yq::carry_out({one, step, program.scratch, team->team, index});
            team->team.barrier();
        }
    });
}

extern "C" {

yq_team *yq_team_new(int num_threads) {
    yq_team *made = nullptr;
    yq::status_of([&] { made = new yq_team(num_threads); });
    return made;
}

void yq_team_free(yq_team *team) { delete team; }

yq_program *yq_program_new(const yq_op *ops, int count, int64_t max_tokens) {
    std::unique_ptr<yq_program> program;
    const int status = yq::status_of([&] {
        program.reset(new yq_program{{}, max_tokens, {}});
        for (int i = 0; i < count; i++) program->ops.push_back(yq::prepared(ops[i]));
    });
    return status == 0 ? program.release() : nullptr;
}

void yq_program_free(yq_program *program) { delete program; }

int yq_program_run(const yq_program *program, yq_team *team, const yq_step *step) {
    if (step->num_tokens < 1) return 0;
    return yq::status_of([&] { run(*program, team, *step); });
}

int yq_linear(yq_team *team, const yq_matrix *matrix, const float *bias, const float *x, int64_t rows, float *y) {
    yq_op op{};
    op.code = YQ_LINEAR, op.count = 1, op.matrix[0] = *matrix, op.bias[0] = bias;
    op.in[0].data = x, op.in[0].stride = matrix->columns, op.out[0] = y, op.out_stride[0] = matrix->rows;
    yq_step step{};
    step.num_tokens = rows;
    return yq::status_of([&] {
        yq_program program{{yq::prepared(op)}, rows, {}};
        if (rows > 0) run(program, team, step);
    });
}
}
