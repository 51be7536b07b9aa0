using System.Text;
using InferenceOperator.Files;

namespace InferenceOperator.Tests.Files;

public sealed class RollingFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rolling-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_full_file_makes_room_and_the_oldest_goes()
    {
        var path = Path.Combine(_folder, "log");
        using (var file = new RollingFile(path, bytesMax: 10, olderMax: 2))
        {
            foreach (var line in (string[])["one", "two", "three", "four", "five", "sixsixsixsix"])
            {
                file.Append(Encoding.UTF8.GetBytes(line));
            }
        }

        Assert.Equal("sixsixsixsix\n", File.ReadAllText(path));
        Assert.Equal("four\nfive\n", File.ReadAllText(path + ".1"));
        Assert.Equal("three\n", File.ReadAllText(path + ".2"));
        Assert.Equal(3, Directory.GetFiles(_folder).Length);
    }

    [Fact]
    public void What_a_stopped_writer_left_stays_a_line_of_its_own()
    {
        var path = Path.Combine(_folder, "log");
        File.WriteAllText(path, "whole\ncu");
        using (var file = new RollingFile(path, bytesMax: 100, olderMax: 1))
        {
            file.Append("next"u8);
        }

        using (var file = new RollingFile(path, bytesMax: 100, olderMax: 1))
        {
            file.Append("last"u8);
        }

        Assert.Equal("whole\ncu\nnext\nlast\n", File.ReadAllText(path));
    }

    [Fact]
    public void A_line_that_cannot_be_written_is_counted()
    {
        var file = new RollingFile(Path.Combine(_folder, "log"), bytesMax: 10, olderMax: 1);
        file.Dispose();

        file.Append("x"u8);

        Assert.Equal(1, file.Dropped);
    }
}
