// The hazards in Chinese, by their English titles. Names of the RFC, of options, rows and scenarios stay English.

/** @type {Record<string, {title: string, text: string, remains: string}>} */
export const hazardsZh = {
    "TIME-WAIT assassination": {
        title: "TIME-WAIT 被提前终止",
        text:
            "旧报文段到达处于 TIME-WAIT 的一端，引来一个 ACK；对方已没有这个连接，便以 RST 回应这个 ACK。" +
            "如果 RST 结束了 TIME-WAIT，那么旧报文段还在途中时，同一对套接字就可以再次打开。" +
            "H1：旧数据被当作新数据。H2：旧的 ACK 或旧数据使两端对已发送的内容看法不一，于是无休止地以 ACK 回应对方的 ACK（这个循环见“ACK 风暴”）。" +
            "H3：旧报文段到达 SYN-SENT，引来 RST，使另一端的新连接终止。对策是在 TIME-WAIT 中忽略 RST（选项 `rfc1337`）。",
        remains:
            "在界限之内没有，无论第二个连接取什么初始序号，只要 TIME-WAIT 持续 2MSL，且没有报文段存活超过 MSL。" +
            "不以 FIN 结束的连接（遇到 RST，或在 SYN-SENT 中放弃）没有 TIME-WAIT：此后只有不重叠的序号才能提供保护。",
    },
    "Old duplicate SYN": {
        title: "旧的重复 SYN",
        text:
            "较早一次尝试的 SYN 到达监听的一端。三次握手会发现它：SYN,ACK 确认了谁也没有发送过的序号，引来的 RST 使监听的一端回到 LISTEN；" +
            "如果另一端也在监听（图 11），它的 RST 效果相同。不采用对策时，监听的一端一收到 SYN 就进入 ESTABLISHED，即只有两个报文段的握手（规则 `listen_syn` 换了下一状态）。",
        remains: "在界限之内没有，前提是每次尝试的初始序号接着上一次往后取。",
    },
    "Half-open connections after a crash, and the quiet time": {
        title: "崩溃之后的半打开连接，以及静默时间",
        text:
            "一端崩溃之后，忘记了自己的所有连接。另一端会发现这一点：它发送的内容引来 RST。" +
            "但重新启动的一端也忘记了用过的序号；如果序号重叠，新连接就会交付旧数据。" +
            "静默时间（重启后一个 MSL 之内什么也不发送）使旧数据先行消失。",
        remains: "没有崩溃的一端必须选取不重叠的序号（它的时钟没有中断）：如果它的序号也重叠，即使有静默时间，它自己的旧数据仍会被交付。",
    },
    "The sequence check where SYNs, FINs or probes cross, and a socket connected to itself": {
        title: "SYN、FIN 或探测交错时的序号检查，以及连接到自身的套接字",
        text:
            "按 §3.10.7.4 的第一步，窗口之外的报文段，其 ACK 根本不会被查看。" +
            "同时打开：按 RFC 原文，与本方 SYN 交错的 SYN,ACK 通不过检查，要交换六个报文段而不是四个；如果它超过了 SYN 先到，则是五个（`simultaneous-open/letter-overtaken`；选项 `crossed_syn_ack`）。" +
            "连接到自身的套接字同样会遇到自己的 SYN,ACK。" +
            "同时进行窗口探测：两端都向关闭的窗口发送了一个字节，双方的 ACK 都超出对方窗口一个序号，又以 ACK 回应，永无休止（选项 `edge_acks`）。" +
            "同时关闭：CLOSING 中重传的 FIN 也通不过检查，但回应它的 ACK 能通过，因此关闭得以完成。",
        remains:
            "按 RFC 原文，SYN 交错时连接仍能建立，只是报文段更多。计数报文段的场景使用完好的网络；" +
            "`simultaneous-open` 和 `hazard-self-connect/bad-network` 表明，在有差错的网络上也没有别的问题。",
    },
    "Blind RST, SYN and text": {
        title: "盲目伪造的 RST、SYN 和数据",
        text: "看不到连接的第三方逐个试探序号。RFC 5961 降低了成功的概率，但没有消除它；`docs/hazards.md` 中的表给出了具体数目。",
        remains: "序号恰好等于 RCV.NXT 的 RST，以及位于窗口之内且确认号不太旧的数据，仍会成功。只有认证才能防范。",
    },
    "Lost window update": {
        title: "丢失的窗口更新",
        text: "关闭的窗口重新打开，但通告窗口的报文段丢失。不带数据的报文段不会重传，因此没有坚持定时器时，两端会永远等待。",
        remains: "没有，只要定时器继续触发，用户继续接收。",
    },
    "FIN-WAIT-2 for ever": {
        title: "永远停留在 FIN-WAIT-2",
        text:
            "本方的 FIN 得到确认之后，没有待确认的内容，也没有定时器在运行：如果对方主机已经消失，或者对方忘记了连接而它的 RST 又丢失，FIN-WAIT-2 就会永远持续。" +
            "一种情形：拒绝第一个 SYN 的 RST 还在途中，同时打开的两个 SYN 已经交错；这个 RST 复位了一端，另一端却永远不会得知。" +
            "限制它的办法：保活，它有自己的 R2 计数，仍在运行的主机则会以 RST 回应；或者由主机限制不再有用户持有的连接（定时器 `orphan`）。",
        remains: "除非用户要求，保活不启用（MUST-25）：默认按 RFC 原文，因而会一直等待。",
    },
    "TIME-WAIT shorter than 2MSL": {
        title: "短于 2MSL 的 TIME-WAIT",
        text:
            "逐一试验 TIME-WAIT 的时长，MSL 为 2 个时钟节拍，初始序号重叠：0、1、2、3 个节拍失效，4 个节拍成立。" +
            "3 个节拍时的反例说明了原因：最后的 ACK 在途中将近一个 MSL，对方在它到达之前刚刚重传的内容又存活一个 MSL。所以 2MSL 不仅足够，而且必需。" +
            "在 TIME-WAIT 中 ABORT 会立即删除 TCB（§3.10.5），等待也随之取消：RFC 原文自己违反了这项保证。",
        remains:
            "以 RST 结束的连接（处于 LAST-ACK，因对方已不在而被复位）没有这段等待，这里与此分开：此后只有不重叠的初始序号才能提供保护。" +
            "TIME-WAIT 中的 ABORT 保持 RFC 原文的做法：执行 ABORT 就是放弃这项保证。套接字接口不提供这种调用，丢弃一个流不影响 TIME-WAIT。",
    },
    "Reuse from TIME-WAIT by sequence number or timestamp": {
        title: "凭序号或时间戳从 TIME-WAIT 重新打开",
        text:
            "2MSL 到时之前，SYN 也可以重新打开连接：它的序号大于收到过的一切序号（选项 `reopen_by_sequence`），或者它的时间戳更新（选项 `reopen_by_timestamp`）。" +
            "两者都放弃“TIME-WAIT 期间不重新打开”，这正是它们的用途。" +
            "只有两端的初始序号都接着旧连接往后取，数据才是安全的，即 MAY-2 的条件 1。" +
            "如果序号任意选取，旧数据会被交付；如果序号取自时钟而连接可以超前于时钟，也是如此：既要读取时钟，也要记住用过的序号。",
        remains: "MAY-2 的条件 2（如果发现 SYN 是旧的，则回到 TIME-WAIT）没有满足；两个选项默认都关闭。",
    },
    "Reuse of TIME-WAIT by an active OPEN": {
        title: "主动打开时重用 TIME-WAIT",
        text:
            "先关闭的一端会占用这对套接字 2MSL，因此在这段时间里，客户端与一个服务器端之间的连接数不会超过它的端口数。" +
            "主动打开可以再次使用这样一对套接字（选项 `reuse_time_wait`），这偏离 MUST-13，而且两个方向上旧连接的数据都可能落入新连接的窗口。" +
            "本方发往对方：初始序号大于用过的一切序号，因此本方的旧数据位于对方窗口之前。" +
            "对方发往本方：记住旧连接的 RCV.NXT 和 TS.Recent，直到接受对方的 SYN（事实 `REUSES`）；只有序号大于 RCV.NXT 的 SYN 才被接受。" +
            "否则，如果是 SYN,ACK，就以 RST 回应，本方的 SYN 再次到达时，对方就会另选序号；如果是与本方 SYN 交错的 SYN，就丢弃。" +
            "尝试无论以何种方式失败，都带着记住的内容回到 TIME-WAIT，2MSL 重新计时（MAY-2 的条件 2）：否则下一次打开就会接受任何序号。",
        remains:
            "与别处不同，这里较新的时间戳不作为证明：对方在回应本方新 SYN 的同一个时钟节拍里发送的旧内容，时间戳并不比这个回应更旧，模型于是会交付旧数据。" +
            "如果对方的序号没有接着往后取，就会多出一个 RST 和一个 SYN。如果本方最后的 ACK 丢失，对方仍处于 LAST-ACK：" +
            "本方的 SYN 发现它是半打开的（§3.5.1），它被复位，它的用户可能得知一次并不存在的丢失。" +
            "如果对方自己也处于 TIME-WAIT 并遵守 MUST-13，那么它的 2MSL 到时之前不会回应任何 SYN。该选项默认关闭。",
    },
    "RST in SYN-RECEIVED that ignores who opened": {
        title: "SYN-RECEIVED 中的 RST 不区分由谁打开",
        text:
            "§3.5 顺带说，RST 使尚未同步的连接回到 LISTEN；§3.10.7.4 则说，只有被动打开之后才是如此。" +
            "在主动打开之后，这会把客户端变成服务器端。",
        remains: "没有。",
    },
    "ACK storms": {
        title: "ACK 风暴",
        text:
            "两端无休止地以 ACK 回应对方的 ACK，不需要用户调用、定时器、丢失或副本。有三种情形：" +
            "两端都按 RFC 原文处于 TIME-WAIT（对策是选项 `old_fin_restarts_2msl`）；探测交错（见“SYN、FIN 或探测交错时的序号检查”，选项 `edge_acks`）；" +
            "两端对已发送的内容看法不一，确认过多的报文段引来 ACK，窗口之外的报文段也引来 ACK。最后一种的对策是限制 challenge ACK 的数目（RFC 5961 §7），由主机执行。",
        remains: "限制使风暴停止，但不能预防它：风暴期间，每一端仍会发送达到上限那么多的 ACK。",
    },
    "TIME-WAIT by the letter": {
        title: "按 RFC 原文的 TIME-WAIT",
        text:
            "本方的 ACK 丢失后，对方重传 FIN；它通不过第一步，到不了本应重新开始 2MSL 计时的第八步，而第五步却因任何可接受的 ACK 重新开始 2MSL 计时。" +
            "本项目的做法（选项 `old_fin_restarts_2msl`）：那个 FIN 使 2MSL 重新计时，此外都不会。" +
            "序号大于对方 FIN 的 FIN 引来 challenge ACK（规则 `ack_time_wait_fin`）：发送者由此得知本方的位置，2MSL 继续计时。" +
            "风暴不会发生，因为回应都不带 FIN，而只有 FIN 才会得到回应。",
        remains: "没有。",
    },
    "A CLOSE that comes before the handshake is over": {
        title: "握手完成之前的 CLOSE",
        text:
            "在 SYN-RECEIVED 中执行 CLOSE，如果没有数据要发送，就立即进入 FIN-WAIT-1。" +
            "在那里，不带来新内容的确认“can be ignored”，随之而来的数据则被接受。但本方的 SYN 从未得到确认，对方的 SYN 可能是旧的；" +
            "同一个旧连接随后到达的数据会被交付。三次握手就这样被绕过了。" +
            "本项目的做法（选项 `handshake_first`）：本方的 SYN 得到确认之前，FIN-WAIT-1 对其他一切的回应与 SYN-RECEIVED 相同。",
        remains: "在界限之内没有。",
    },
    "A CLOSE that is forgotten": {
        title: "被遗忘的 CLOSE",
        text:
            "在 SYN-RECEIVED 中执行 CLOSE，如果还有数据等待发送，CLOSE 就会“queue[d] for processing after entering ESTABLISHED state”。" +
            "如果 RST 或 SYN 使连接回到 LISTEN，就再没有什么会处理这个 CLOSE：用户已经关闭，却留下一个监听的连接。" +
            "本项目的做法（选项 `close_heeded`）：连接结束。",
        remains: "没有。",
    },
    "A window that is wider than what was offered": {
        title: "比所通告的更宽的窗口",
        text:
            "SND.WND 从 SND.UNA 算起：按 RFC 原文，填补空缺的报文段会推进 SND.UNA，但它的窗口不被采用，因为序号更大的报文段已经来过（SND.WL1）。" +
            "于是窗口右沿随 SND.UNA 推进，超出对方通告过的一切，本方在那里发送的数据会被对方丢弃。或者，窗口已经打开，本方却没有发现。" +
            "本项目的做法（选项 `new_ack_window`）：确认了新内容的报文段，发送时间晚于已到的一切，因此采用它的窗口。",
        remains: "没有。这个隐患是向内核播放脚本时发现的；内核的做法与本项目现在的做法相同。",
    },
    "Numbers that wrap": {
        title: "序号回绕",
        text:
            "在高速路径上，MSL 之内就会用完全部 2^32 个序号，旧报文段又落入窗口。它的时间戳比此后收到的都旧，由此可以与新报文段区分（选项 `paws`）。" +
            "这里，序号随第二个连接再次出现，距第一个连接结束只有一个时钟节拍（TIME-WAIT 为一个节拍，MSL 为两个）。“短于 2MSL 的 TIME-WAIT”表明，没有时间戳时这样太短。",
        remains: "同一个节拍的时间戳无法区分新旧：在时钟的一个节拍（这里是 1 ms）之内，序号不得再次出现。这些场景中没有重传，因为重传的报文段带有重传时的时间。",
    },
    "A refused segment that leaves a trace": {
        title: "被拒绝的报文段留下痕迹",
        text:
            "窗口之内、起点不晚于 Last.ACK.sent 的报文段，RFC 7323 都从中取 TS.Recent，然后才查看确认号。" +
            "只要猜中窗口之内的序号，再带上任意的确认号和未来的时间戳，这个报文段就会引来 challenge ACK 并被拒绝，但时间戳留了下来：" +
            "在对方的时钟赶上之前，PAWS 丢弃对方发送的一切，连接的数据流就此中断。" +
            "本项目的做法（选项 `timestamp_after_ack`）：由接受确认的规则取 TS.Recent。" +
            "论断更为广泛：如果报文段的处理在 URG 之前的某一步以丢弃、确认、challenge ACK 或 RST 结束，它就不改变任何东西，包括序号、窗口、定时器和紧急指针。" +
            "例外各有理由：TIME-WAIT 中，对方重传的 FIN 使 2MSL 重新计时（规则 `old_fin`，这正是它的用途）；" +
            "窗口关闭时到达的报文段，其 ACK 和 URG 有效（规则 `closed_window`，它没有被拒绝）；" +
            "发出一个确认时，会带走被延迟的确认；challenge ACK 的限额计数；" +
            "协议栈的下一个 ACK 报告重复收到的内容（RFC 2883），那只是重复报文段自身所说的。" +
            "对方的保活探测位于窗口之外，会被拒绝：它得到回应，但不算收到对方的消息，因为任何知道端口的人都能发送它。",
        remains: "如果还猜中了可接受的确认号，报文段就不会被拒绝，它的时间戳有效。",
    },
    "Text that was acknowledged and is never received": {
        title: "已确认却从未被接收的数据",
        text:
            "服务器端作出回答，在请求尚未读完时关闭，于是回答之后跟着一个 RST。" +
            "按 RFC 原文，RST 清空所有队列，包括这个回答，而对方认为回答已被收到。R2、用户超时和硬错误也是如此。" +
            "本项目的做法（选项 `drain_after_reset`）：按序到达的数据一直留给用户，直到被接收；然后报告错误，只报告一次。只有用户自己的 ABORT 才会丢弃数据。",
        remains: "失序到达的数据会丢失：对方并不认为它已被收到。",
    },
    "A loss that nobody hears of": {
        title: "无人得知的丢失",
        text:
            "CLOSING 或 LAST-ACK 中的 RST 删除 TCB 并返回，即使还有数据未得到确认：用户以为数据已经送达。" +
            "RST、SYN 或硬错误使 SYN-RECEIVED 回到 LISTEN，等待 ESTABLISHED 的数据也随之丢失。" +
            "本项目的做法（选项 `loss_is_told`）：只要连接结束时还有用户的数据未得到确认，就通知用户。（按 RFC 原文，SYN-SENT 中的 CLOSE 退回数据，并报告“error: closing”。）",
        remains:
            "选项 `rst_heeds_opener` 关闭时，回到 LISTEN 仍然不作通知。用户在还有数据未读时放弃连接，就放弃了未确认的数据（RFC 1122 §4.2.2.13）；协议栈会计数。" +
            "对方 TCP 已确认的数据，对方用户仍可能没有收到：只有该用户的回答才能证明。",
    },
    "Segments without the timestamp that was agreed on": {
        title: "缺少已商定时间戳的报文段",
        text:
            "两个 SYN 都带有时间戳，后来的报文段却不带：它们来自以 cookie 回应 SYN 的负载均衡器，来自数据库的保活，或者经过了中间设备。" +
            "RFC 7323 要求默默丢弃它们（选项 `timestamps_required`）：这样的连接会停住，没有任何提示。" +
            "本项目的做法：接受它们，PAWS 不作判断。代价是：时间戳被去掉的旧报文段，只能凭序号与新报文段区分。" +
            "在两种情况下，不带时间戳的 SYN 都照样引来 challenge ACK（RFC 5961 §4.2，“irrespective of the sequence number”），使重新启动的对方能发现半打开连接（§3.5.1）。",
        remains: "要么连接停住，要么省去一项检查。如果路径快到序号在 MSL 之内就会回绕，请采用 RFC 原文的做法。",
    },
    "A window that never opens": {
        title: "永不打开的窗口",
        text:
            "对方只要回应探测，就可以让窗口永远关闭，等在窗口之后的一切也就永远被占用：用户离开之前写入的数据，以及连接本身。" +
            "这由远端决定，一个连接如此，一千个连接也如此（称为 Sockstress）。" +
            "用户持有连接时，由用户决定：执行 ABORT，或者设置用户超时，它对一切未送达的数据计时。" +
            "没有用户持有时，主机有自己的限制（定时器 `orphan`）：限制没有进展的时间、这类连接的数目和它们占用的内存，最久没有进展的最先结束，以 RST 结束。" +
            "对于用户已经离开的连接，这偏离 MUST-37；RFC 6429 允许这样做，§3.8.6.1 也允许：系统资源管理可以收回它们。",
        remains: "对方偶尔接收一个字节，就算有进展：数目和内存的限制约束其代价，但不约束时间。用户持有的连接由用户决定。",
    },
};
