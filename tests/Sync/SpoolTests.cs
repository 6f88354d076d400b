using System.IO.Pipelines;
using System.Buffers;
using Kontor.Sync.Pull;
using Shouldly;
using Xunit;

namespace Kontor.Sync.Tests;

/// <summary>Long answers on their way to slow phones.</summary>
public class SpoolTests
{
    private const int AnswerBytes = 6 * 1024 * 1024;

    private static byte[] Content(int number)
    {
        var content = new byte[AnswerBytes];
        new Random(number).NextBytes(content);
        return content;
    }

    /// <summary>Written in uneven pieces, as rows are.</summary>
    private static Spool Written(byte[] content)
    {
        var spool = new Spool();
        for (var (at, piece) = (0, 0); at < content.Length; piece++)
        {
            var part = content.AsSpan(at, Math.Min(1 + (piece * 7919 % 5000), content.Length - at));
            spool.Write(part);
            at += part.Length;
        }

        return spool;
    }

    [Fact]
    public async Task However_many_wait_at_once_little_of_them_is_in_memory_and_each_is_whole()
    {
        var contents = Enumerable.Range(0, 20).Select(Content).ToList();

        var waiting = contents.Select(Written).ToList();

        Spool.SegmentsInMemory.ShouldBeInRange(1, Spool.SegmentsOfAllMax);
        foreach (var (content, spool) in contents.Zip(waiting))
        {
            using var sent = new MemoryStream();
            await spool.CopyTo(PipeWriter.Create(sent), TestContext.Current.CancellationToken);
            spool.Length.ShouldBe(AnswerBytes);
            sent.ToArray().AsSpan().SequenceEqual(content).ShouldBeTrue();
        }

        var whenAllWait = Spool.SegmentsInMemory;
        foreach (var spool in waiting) spool.Dispose();
        Spool.SegmentsInMemory.ShouldBeLessThan(whenAllWait / 2);
    }
}
