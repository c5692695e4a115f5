// A mixture of experts. The rows of a step are ordered by expert, so that each one's weights are read once a step: all
// active experts' gates and ups in pieces that the threads take as they come, then all their downs. A token's experts are
// added up in their order, whoever computes them, the shared one last.
#include <algorithm>
#include <cmath>

#include "program.h"

namespace yq {

constexpr int64_t TOGETHER = 32;  // rows that meet a piece of an expert at once, at most
constexpr int64_t PIECE = 128;    // columns of a piece between the matrices, at most
constexpr int64_t ROOM = TOGETHER * PIECE;
constexpr int64_t FEW = 8;  // tokens that take less time than the reading of weights

// Of one op: its experts as rows meet them. Rows of routed experts stand in the order of `tokens`, those of the shared
// one behind them, in the order of the step.
struct Mixture {
    const Turn &turn;
    const yq_op &op = turn.op();
    Scratch &scratch = turn.scratch;
    int64_t num_tokens = turn.step.num_tokens, num_routed = num_tokens * op.num_chosen;

    const yq_matrix &matrix(int64_t expert, int part) const { return op.experts[3 * expert + part]; }
    const Layout &layout(int64_t expert, int part) const { return turn.prepared.layouts[size_t(3 * expert + part)]; }
    bool shared(int64_t expert) const { return expert == op.num_experts; }
    int64_t first(int64_t expert) const { return shared(expert) ? 0 : scratch.starts[size_t(expert)]; }
    int64_t count(int64_t expert) const {
        return shared(expert) ? num_tokens : scratch.starts[size_t(expert) + 1] - scratch.starts[size_t(expert)];
    }
    // Columns between the matrices that are worked on together: whole groups.
    int64_t piece(int64_t expert) const { return std::max<int64_t>(matrix(expert, 2).group, 64); }
    int64_t pieces(int64_t expert) const {
        return (matrix(expert, 2).columns + piece(expert) - 1) / piece(expert);
    }

    Rows input(int64_t expert, int64_t row) const {
        const int64_t wide = layout(0, 0).columns;
        Rows x{op.in[0].data, op.in[0].stride, {}, row, nullptr};
        if (op.experts[0].group)
            x.q = scratch.rows.view(wide, wide / op.experts[0].group);
        else if (op.in[0].width % 2)
            x.x = scratch.padded.data(), x.stride = wide;
        if (!shared(expert)) x.index = scratch.tokens.data();
        return x;
    }
    Rows hidden(int64_t expert, int64_t row) const {
        const int64_t wide = layout(expert, 2).columns;
        const int group = matrix(expert, 2).group;
        // The shared expert's rows are as wide as they are: they begin where those of the routed ones end.
        const int64_t before = shared(expert) ? num_routed * layout(0, 2).columns : 0;
        Rows x{nullptr, wide, {}, row, nullptr};
        if (!group) {
            x.x = scratch.between.data() + before;
            return x;
        }
        x.q = scratch.hidden.view(wide, wide / group);
        x.q.values += before, x.q.scales += before / group, x.q.sums += before / group;
        return x;
    }
};

// The experts of a token in rising order, and their weights. Of equals the first is chosen.
static void choose(const Mixture &m, int64_t t) {
    const yq_op &op = m.op;
    float *p = m.scratch.probabilities.data() + t * op.num_experts, total = 0.0f;
    int32_t *chosen = m.scratch.chosen.data() + t * op.num_chosen;
    float *weights = m.scratch.weights.data() + t * (op.num_chosen + 1);
    kernels().softmax(row(op.in[1], t), op.num_experts, p);
    for (int i = 0; i < op.num_chosen; i++) {
        constexpr float TAKEN = -1.0f;
        float most = TAKEN;
        int best = -1;
        for (int e = 0; e < op.num_experts; e++)
            if (p[e] > most) best = e, most = p[e];
        for (int e = 0; best < 0; e++)  // none is a number
            if (p[e] != TAKEN) best = e, most = p[e];
        p[best] = TAKEN, total += most;
        int at = i;
        for (; at > 0 && chosen[at - 1] > best; at--) chosen[at] = chosen[at - 1], weights[at] = weights[at - 1];
        chosen[at] = best, weights[at] = most;
    }
    if (op.normalise)
        for (int i = 0; i < op.num_chosen; i++) weights[i] /= total;
    if (op.in[2].data) weights[op.num_chosen] = 1.0f / (1.0f + std::exp(-row(op.in[2], t)[0]));
}

static void prepare_row(const Mixture &m, int64_t t) {
    const int group = m.op.experts[0].group;
    const int64_t columns = m.op.in[0].width, wide = m.layout(0, 0).columns;
    const float *x = row(m.op.in[0], t);
    if (group) {
        kernels().quantise(x, columns, group, m.scratch.rows.view(wide, wide / group), t, 0, wide / group);
    } else if (columns % 2) {  // the kernel reads pairs of columns
        float *padded = m.scratch.padded.data() + t * wide;
        memcpy(padded, x, size_t(columns) * 4);
        padded[columns] = 0.0f;
    }
}

// Tokens ordered by expert; within an expert they keep their order.
static void sort(const Mixture &m) {
    Scratch &s = m.scratch;
    std::fill(s.starts.begin(), s.starts.begin() + m.op.num_experts + 1, 0);
    for (int64_t i = 0; i < m.num_routed; i++) s.starts[size_t(s.chosen[size_t(i)]) + 1]++;
    s.num_active = 0;
    for (int e = 0; e < m.op.num_experts; e++) {
        if (s.starts[size_t(e) + 1]) s.active[size_t(s.num_active++)] = e;
        s.starts[size_t(e) + 1] += s.starts[size_t(e)];
    }
    for (int64_t i = 0; i < m.num_routed; i++) {
        int64_t t = i / m.op.num_chosen, place = s.starts[size_t(s.chosen[size_t(i)])]++;
        s.tokens[size_t(place)] = int32_t(t);
        s.shares[size_t(place)] = s.weights[size_t(t * (m.op.num_chosen + 1) + i % m.op.num_chosen)];
    }
    for (int e = m.op.num_experts; e > 0; e--) s.starts[size_t(e)] = s.starts[size_t(e) - 1];
    s.starts[0] = 0;
    s.next[0].store(0), s.next[1].store(0);
}

// Ask for the beginning of a tile, where no hardware fetches ahead: what comes next lies elsewhere.
static void fetch(const yq_matrix &matrix, const Layout &layout, int64_t tile) {
    const uint8_t *data = matrix.data + tile * layout.tile_bytes;
    for (int64_t at = 0; at < 2048 && at < layout.tile_bytes; at += 64) __builtin_prefetch(data + at);
    if (!matrix.group) return;
    const int64_t bytes = layout.columns / matrix.group * YQ_TILE * 2;
    const uint8_t *scales = matrix.data + layout.scale_offset + tile * bytes;
    for (int64_t at = 0; at < 512 && at < bytes; at += 64) __builtin_prefetch(scales + at);
}

// Columns [low, high) of what an expert has between its matrices, for its rows from `begin` on.
static void inner_rows(const Mixture &m, int64_t expert, int64_t low, int64_t high, int64_t begin, int64_t count) {
    float gate[ROOM], up[ROOM];
    const int64_t first = low / YQ_TILE, last = std::min((high + YQ_TILE - 1) / YQ_TILE, m.layout(expert, 0).tiles);
    const int64_t width = std::min<int64_t>(high, m.matrix(expert, 2).columns) - low;
    const Rows x = m.input(expert, begin), hidden = m.hidden(expert, 0);
    const int group = m.matrix(expert, 2).group;
    fetch(m.matrix(expert, 1), m.layout(expert, 1), first);
    kernels().multiply(m.matrix(expert, 0), m.layout(expert, 0), first, last, x, count, nullptr, gate, PIECE);
    kernels().multiply(m.matrix(expert, 1), m.layout(expert, 1), first, last, x, count, nullptr, up, PIECE);
    for (int64_t i = 0; i < count; i++) {
        float *g = gate + i * PIECE;
        if (group) {
            kernels().swiglu(g, up + i * PIECE, width, g);
            kernels().quantise(g, width, group, hidden.q, begin + i, low / group, (high + group - 1) / group);
        } else {
            float *out = const_cast<float *>(hidden.x) + (begin + i) * hidden.stride;
            kernels().swiglu(g, up + i * PIECE, width, out + low);
            if (low + width < hidden.stride && low + width == m.matrix(expert, 2).columns) out[low + width] = 0.0f;
        }
    }
}

static void inner(const Mixture &m, int64_t task) {
    const int64_t of_shared = m.op.has_shared ? m.pieces(m.op.num_experts) : 0, each = m.pieces(0);
    const bool shared = task < of_shared;
    const int64_t expert = shared ? m.op.num_experts : m.scratch.active[size_t((task - of_shared) / each)];
    const int64_t low = (shared ? task : (task - of_shared) % each) * m.piece(expert);
    const int64_t high = std::min(low + m.piece(expert), m.layout(expert, 2).columns);
    const int64_t begin = m.first(expert), end = begin + m.count(expert);
    for (int64_t r = begin; r < end; r += TOGETHER)
        inner_rows(m, expert, low, high, r, std::min(TOGETHER, end - r));
}

// Tiles [first, last) of what an expert gives, added to its tokens.
static void add_expert(const Mixture &m, int64_t expert, int64_t first, int64_t last) {
    float given[ROOM];
    const int64_t stride = (last - first) * YQ_TILE, together = ROOM / std::max(stride, PIECE);
    const int64_t low = first * YQ_TILE, width = std::min(last * YQ_TILE, m.matrix(expert, 2).rows) - low;
    const int64_t begin = m.first(expert), end = begin + m.count(expert);
    for (int64_t r = begin; r < end; r += together) {
        const int64_t count = std::min(together, end - r);
        kernels().multiply(m.matrix(expert, 2), m.layout(expert, 2), first, last, m.hidden(expert, r), count, nullptr,
                           given, stride);
        for (int64_t i = 0; i < count; i++) {
            const bool shared = m.shared(expert);
            const int64_t t = shared ? r + i : m.scratch.tokens[size_t(r + i)];
            const float weight = shared ? m.scratch.weights[size_t((t + 1) * (m.op.num_chosen + 1) - 1)]
                                        : m.scratch.shares[size_t(r + i)];
            kernels().accumulate(given + i * stride, weight, width, m.op.out[0] + t * m.op.out_stride[0] + low);
        }
    }
}

static void outer(const Mixture &m, int64_t first, int64_t last) {
    const int64_t low = first * YQ_TILE, width = std::min(last * YQ_TILE, m.matrix(0, 2).rows) - low;
    for (int64_t t = 0; t < m.num_tokens; t++)
        std::fill_n(m.op.out[0] + t * m.op.out_stride[0] + low, width, 0.0f);
    for (int64_t i = 0; i < m.scratch.num_active; i++) {
        const bool ends = i + 1 == m.scratch.num_active;
        const int64_t next = ends ? m.op.num_experts : m.scratch.active[size_t(i) + 1];
        if (!ends || m.op.has_shared) fetch(m.matrix(next, 2), m.layout(next, 2), first);
        add_expert(m, m.scratch.active[size_t(i)], first, last);
    }
    if (m.op.has_shared) add_expert(m, m.op.num_experts, first, last);
    if (!m.op.in[3].data) return;
    for (int64_t t = 0; t < m.num_tokens; t++)
        kernels().accumulate(row(m.op.in[3], t) + low, m.scratch.weights[size_t((t + 1) * (m.op.num_chosen + 1) - 1)],
                             width, m.op.out[0] + t * m.op.out_stride[0] + low);
}

// in[0] x (T, D), in[1] the router's logits (T, E) -> out[0] (T, D). A shared expert is the last of `experts`, or what it
// gave is in[3]; its gate's logits are in[2].
void moe(const Turn &turn) {
    const Mixture m{turn};
    int64_t first, last;
    turn.part(m.num_tokens, first, last);
    for (int64_t t = first; t < last; t++) choose(m, t), prepare_row(m, t);
    turn.team.barrier();
    if (turn.index == 0) sort(m);
    turn.team.barrier();
    auto take = [&](int which) { return m.scratch.next[which].fetch_add(1, std::memory_order_relaxed); };
    const int64_t inners =
        m.scratch.num_active * m.pieces(0) + (m.op.has_shared ? m.pieces(m.op.num_experts) : 0);
    for (int64_t task = take(0); task < inners; task = take(0)) inner(m, task);
    turn.team.barrier();
    // Long pieces read memory in its own order; short ones stay near while many rows meet them.
    const bool few = m.num_tokens <= FEW;
    const int64_t tiles = m.layout(0, 2).tiles;
    const int64_t step = std::clamp<int64_t>(tiles / ((few ? 2 : 4) * turn.team.size()), 1, few ? 16 : 4);
    for (int64_t tile = take(1) * step; tile < tiles; tile = take(1) * step)
        outer(m, tile, std::min(tile + step, tiles));
}

void moe_room(Scratch &scratch, const Prepared &one, int64_t max_rows) {
    const yq_op &op = one.op;
    const int64_t routed = max_rows * op.num_chosen, wide = one.layouts[0].columns, between = one.layouts[2].columns;
    const int64_t of_shared = op.has_shared ? one.layouts[size_t(3 * op.num_experts + 2)].columns : 0;
    grow(scratch.probabilities, max_rows * op.num_experts), grow(scratch.weights, max_rows * (op.num_chosen + 1));
    grow(scratch.chosen, routed), grow(scratch.tokens, routed), grow(scratch.shares, routed);
    grow(scratch.starts, op.num_experts + 1), grow(scratch.active, op.num_experts);
    if (op.experts[0].group)
        scratch.rows.grow(max_rows, wide, wide / op.experts[0].group);
    else
        grow(scratch.padded, max_rows * wide);
    const int group = op.experts[2].group;
    const int64_t room = routed * between + max_rows * of_shared;
    if (group)
        scratch.hidden.grow(1, room, room / group);
    else
        grow(scratch.between, room);
}

}  // namespace yq
