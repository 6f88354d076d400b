using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace Kontor.Foundation.Tests;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public class DataFolderTests
{
    [Fact]
    public async Task A_new_data_folder_and_what_is_in_it_is_its_owners_alone()
    {
        var parent = Directory.CreateTempSubdirectory("kontor-folder-").FullName;
        var folder = Path.Combine(parent, "data");
        await using (var app = KontorHost.Build(
            new Settings { Port = 0, DataFolder = folder }, [new ThingsModule()], builder => builder.Logging.ClearProviders()))
        {
            const UnixFileMode ownersOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
            File.GetUnixFileMode(folder).ShouldBe(ownersOnly);
            File.GetUnixFileMode(Path.Combine(folder, "keys")).ShouldBe(ownersOnly);
        }

        Directory.Delete(parent, recursive: true);
    }
}
